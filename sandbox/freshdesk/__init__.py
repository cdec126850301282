"""The stand-in Freshdesk."""

from sandbox.freshdesk.automations import Automation
from sandbox.freshdesk.desk import FreshdeskDesk
from sandbox.freshdesk.limits import Limits

__all__ = ["Automation", "FreshdeskDesk", "Limits"]
