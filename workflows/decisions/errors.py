"""What a decision refuses while it is asked; what is wrong with its file is told as findings by `reader`."""

from workflows.errors import AmanahError


class DecisionError(AmanahError):
    """A decision cannot answer these inputs; the code says why and the facts name decision, rules or values.

    Codes: `decision.not_unique`, `decision.not_any` (rules that contradict each other), `decision.input_type`,
    `decision.input_value` (an input that the table does not take), `decision.output_type`, `decision.output_value`.
    """
