"""Text in and out, safely; independent of EMQX and of the command line."""
