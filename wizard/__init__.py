"""What can be set up, and how: services, methods, secrets, connections, clients. No screens, no probing."""

__version__ = "0.1.0"
