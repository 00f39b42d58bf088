"""The report as JUnit XML: a test suite for each publisher, a test case for each rule in each dataset."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from shapes.present import DatasetGroup, Finding, PublisherGroup, View


def write_junit(view: View) -> str:
    """Violations are failures; warnings and advice are passed test cases that say what they found."""
    counts = view.report.counts
    root = Element("testsuites", name=view.profile.name, failures=str(counts.violations))
    for publisher in view.publishers:
        _suite(publisher, root)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(publisher: PublisherGroup, root: Element) -> None:
    cases = [(dataset, finding) for dataset in publisher.datasets for finding in dataset.findings]
    failures = sum(finding.level == "Violation" for _, finding in cases)
    suite = SubElement(
        root, "testsuite", name=_clean(publisher.name), tests=str(len(cases)), failures=str(failures)
    )
    for dataset, finding in cases:
        _case(dataset, finding, suite)


def _case(dataset: DatasetGroup, finding: Finding, suite: Element) -> None:
    rule = finding.rule.rpartition("/")[2]
    case = SubElement(suite, "testcase", classname=_clean(dataset.title or dataset.node), name=rule)
    values = "\n".join(example.value for example in finding.examples if example.value)
    text = _clean("\n".join(part for part in (dataset.node, finding.message, values) if part))
    if finding.level == "Violation":
        SubElement(case, "failure", message=_clean(finding.message), type=finding.property).text = text
    else:
        SubElement(case, "system-out").text = text


def _clean(text: str) -> str:
    """Text without the control characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or " " <= c not in "\ufffe\uffff")
