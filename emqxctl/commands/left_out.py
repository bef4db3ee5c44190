"""Operations that have no command of their own, each with the reason: `emqxctl api METHOD PATH` calls them."""

LEFT_OUT: dict[str, str] = {}
