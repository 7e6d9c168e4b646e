"""Practice services on loopback: real HTTP on real sockets, credentials random at each start."""
