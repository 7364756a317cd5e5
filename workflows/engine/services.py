"""Calling a service: a plain function of its inputs that runs inside the caller's transaction."""

from typing import TYPE_CHECKING, Any

from workflows.engine.nodes import Node
from workflows.errors import BusinessError, NotFound
from workflows.feel.values import plain

if TYPE_CHECKING:
    from workflows.engine.tokens import Token


def call_service(node: Node, token: "Token", topic: str) -> bool:
    """Call the service with the input parameters and write its result; False when an error took the token away.

    A BusinessError goes to the error event that catches its code; without one, and for every other exception, the
    whole call is abandoned and the exception propagates as it is.
    """
    service = token.instance.services.get(topic)
    if service is None:
        raise NotFound("service.unknown", service=topic, element=node.element)
    node.arm_local_values(token)
    inputs: dict[str, Any] = {
        assignment.name: plain(token.context()[assignment.name]) for assignment in node.inputs_wanted
    }
    try:
        result = service(inputs)
    except BusinessError as problem:
        if not token.instance.raise_error(token, problem.code, problem.message):
            raise
        return False
    node.give_result(token, dict(result) if result is not None else {})
    return True
