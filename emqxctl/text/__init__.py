"""Text in and out, safely; knows neither EMQX nor the command line."""
