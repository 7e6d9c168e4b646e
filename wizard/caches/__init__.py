"""The logins that other programs keep in files of their own: read, listed, cleared one at a time, put back.

No token is ever shown, and none is used: a login is for the program that made it.
"""

from .clearing import Cleared, clear, clear_for, put_back
from .look import beside, domain_of, every, is_held, of_address, of_choice, of_client
from .model import RENEWABLE, USABLE, Cached, Holder
from .sealed import Sealed
from .sealed import found as sealed

__all__ = [
    "RENEWABLE",
    "USABLE",
    "Cached",
    "Cleared",
    "Holder",
    "Sealed",
    "beside",
    "clear",
    "clear_for",
    "domain_of",
    "every",
    "is_held",
    "of_address",
    "of_choice",
    "of_client",
    "put_back",
    "sealed",
]
