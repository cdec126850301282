"""The stand-in Intercom."""

from sandbox.intercom.desk import IntercomDesk
from sandbox.intercom.limits import Limits

__all__ = ["IntercomDesk", "Limits"]
