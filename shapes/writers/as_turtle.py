"""The report as the W3C validation report, in Turtle."""

from shapes.present import View


def write_turtle(view: View) -> str:
    """The report as `Report.to_turtle` gives it; languages and groups play no part in it."""
    return view.report.to_turtle()
