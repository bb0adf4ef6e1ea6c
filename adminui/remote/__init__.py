"""The only room with a socket: the client of one connection, its throttle, and reading through it."""
