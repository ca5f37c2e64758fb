"""Models of consent: purposes, policy versions, what customers said, messages to them; codes of acts.

Records only: no row is changed or deleted. The acts that write them are in ``gate``, ``choices``, ``outreach`` and
``policies``.
"""

from consent.models.events import ConsentEvent, ContactRefusal
from consent.models.messages import Message, MessageOutcome, MessageTemplate
from consent.models.policies import PolicyAcceptance, PolicyVersion, Publication
from consent.models.purposes import Channel, ContactLimit, Purpose

__all__ = [
    "Channel",
    "ConsentEvent",
    "ContactLimit",
    "ContactRefusal",
    "Message",
    "MessageOutcome",
    "MessageTemplate",
    "PolicyAcceptance",
    "PolicyVersion",
    "Publication",
    "Purpose",
]
