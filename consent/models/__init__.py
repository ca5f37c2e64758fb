"""What is: purposes, policy versions, what customers said, what was written to them, by room."""

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
