"""The tables of people and of how they get in. No patient's data stands in any of them, but sealed."""

from apps.authentication.models.invitations import Invitation
from apps.authentication.models.people import Membership, User, UserManager
from apps.authentication.models.policy import SignInPolicy
from apps.authentication.models.sealed_sign_in import SealedSignIn
from apps.authentication.models.second_factor import RecoveryCode, SignInChallenge, TotpDevice
from apps.authentication.models.sessions import SignedInSession, SignInCounter
from apps.authentication.models.tokens import ApiKey, RefreshToken, TokenFamily

__all__ = [
    "ApiKey",
    "Invitation",
    "Membership",
    "RecoveryCode",
    "RefreshToken",
    "SealedSignIn",
    "SignInChallenge",
    "SignInCounter",
    "SignInPolicy",
    "SignedInSession",
    "TokenFamily",
    "TotpDevice",
    "User",
    "UserManager",
]
