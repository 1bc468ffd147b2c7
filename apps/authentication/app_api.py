"""Phones register for push by program: the app sends its token after every start, and takes it back on sign-out."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.serializers import DeviceListSerializer, DeviceSerializer, RegisterSerializer
from apps.authentication.types import Permission
from apps.foundation.notifications.selectors import destinations_of
from apps.foundation.notifications.services import register_app, remove_destination
from apps.foundation.notifications.types import Channel, Destination, NotificationNotFound, WrongDestination
from apps.foundation.web.api import ApiView, Refusals, actor, checked


class DeviceView(ApiView):
    """What the addresses of phones share. Everybody sees and changes their own only."""

    required_permission = Permission.TRIAGE_READ
    refusals: ClassVar[Refusals] = {
        NotificationNotFound: lambda refusal: exceptions.NotFound(),
        WrongDestination: lambda refusal: exceptions.ValidationError(
            {"token": [_("This is no token that the platform gives out.")]}
        ),
    }


class Devices(DeviceView):
    """The phones and browsers of whoever asks."""

    @extend_schema(operation_id="notification_devices", responses=DeviceListSerializer)
    def get(self, request: Request) -> Response:
        """Those that get push notifications now. Tokens are never given out."""
        return Response({"results": [_shown(one) for one in destinations_of(by=actor(request))]})

    @extend_schema(
        operation_id="notification_device_register", request=RegisterSerializer, responses={201: DeviceSerializer}
    )
    def post(self, request: Request) -> Response:
        """The phone gets push notifications. Registering again keeps it alive; another's is taken over."""
        given = checked(RegisterSerializer(data=request.data))
        by = actor(request)
        new_id = register_app(
            channel=Channel(given["platform"]),
            token=given["token"],
            label=given["label"],
            uses_sandbox=given["environment"] == "sandbox",
            by=by,
            now=timezone.now(),
        )
        (found,) = [one for one in destinations_of(by=by) if one.id == new_id]
        return Response(_shown(found), status=status.HTTP_201_CREATED)


class Device(DeviceView):
    """One of them."""

    @extend_schema(operation_id="notification_device_remove", responses={204: None})
    def delete(self, request: Request, destination_id: UUID) -> Response:
        """It gets nothing any more."""
        remove_destination(destination_id=destination_id, by=actor(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(one: Destination) -> dict[str, object]:
    return {
        "id": one.id,
        "platform": one.channel.value,
        "label": one.label,
        "registered_at": one.created_at,
        "last_seen_at": one.last_seen_at,
    }
