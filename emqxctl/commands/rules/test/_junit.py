"""The results of rule tests as JUnit XML, which CI systems read."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from xml.etree import ElementTree as ET

from emqxctl.commands.rules.test._run import CaseResult
from emqxctl.text.escaping import escape_control_characters

TAGS = {"failed": "failure", "error": "error", "skipped": "skipped"}


def format_junit(results: Sequence[CaseResult]) -> str:
    """Format results as JUnit XML: a suite for each file, a test case for each case."""
    root = ET.Element("testsuites", {"name": "emqxctl rules test", **count_attributes(results)})
    for file in dict.fromkeys(result.case.place.file for result in results):
        own_results = [result for result in results if result.case.place.file == file]
        attributes = {"name": to_xml_text(file), **count_attributes(own_results)}
        suite = ET.SubElement(root, "testsuite", attributes)
        for result in own_results:
            add_case(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def add_case(suite: ET.Element, result: CaseResult) -> None:
    """Add a test case with its failure, error or skip."""
    place = result.case.place
    attributes = {
        "classname": to_xml_text(PurePath(place.file).stem),
        "name": to_xml_text(result.case.name),
        "file": to_xml_text(place.file),
        "line": str(place.line),
        "time": f"{result.seconds:.3f}",
    }
    case = ET.SubElement(suite, "testcase", attributes)
    if result.status in TAGS:
        reasons = [to_xml_text(reason) for reason in result.reasons]
        problem = ET.SubElement(case, TAGS[result.status], {"message": reasons[0] if reasons else ""})
        problem.text = "\n".join(reasons)


def count_attributes(results: Sequence[CaseResult]) -> dict[str, str]:
    """Return the counts and the time that JUnit wants of a suite."""
    counts = Counter(result.status for result in results)
    return {
        "tests": str(len(results)),
        "failures": str(counts["failed"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def to_xml_text(text: str) -> str:
    r"""Return text without characters that XML 1.0 does not allow; ElementTree escapes the others."""
    return escape_control_characters(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
