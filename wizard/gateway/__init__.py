"""What belongs to a gateway that keeps several MCP servers: its access rules, its list of servers."""
