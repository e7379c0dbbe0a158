"""The columns of each kind of record, and the headings they are known by.

Source: docs/interfaces.md, "Importing records". Chinese headings are those that personnel and case systems export.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Noun(StrEnum):
    """What a file of records is about."""

    OFFICERS = "officers"
    DEVICES = "devices"
    ASSIGNMENTS = "assignments"
    CASES = "cases"
    STEPS = "steps"
    DOCUMENTS = "documents"


class Form(StrEnum):
    """How a cell is read."""

    ID = "id"  # no white space or separators inside
    TEXT = "text"
    NAME = "name"  # a short text by which records are told apart
    IDS = "ids"  # several, separated by ; ； or 、
    FROM = "from"  # a time; a bare date is its first moment
    UNTIL = "until"  # a time; a bare date is its last moment, the next midnight
    MOMENT = "moment"  # a time of day is demanded
    YES = "yes"  # 是, yes, 1 … or 否, no, 0 …; an empty cell is no
    COUNT = "count"  # a whole number, none below zero
    SPANS = "spans"  # stretches of time, separated by ; – each its start, ~ or 至, and its end or the end's time of day


@dataclass(frozen=True)
class Column:
    """One column: its form, whether each row must fill it, and other headings it may have."""

    form: Form
    required: bool = False
    headings: tuple[str, ...] = ()


def _id(*headings: str, required: bool = True) -> Column:
    return Column(Form.ID, required, headings)


def _text(*headings: str, required: bool = False) -> Column:
    return Column(Form.TEXT, required, headings)


_OFFICER = ("人员编号", "执法人员编号", "警号", "执法证号")
_DEVICE = ("设备编号", "记录仪编号", "产品序号", "执法记录仪编号")
_UNIT = ("单位", "部门", "所属单位", "承办单位")
_CASE = ("案号", "案件编号")

COLUMNS: Mapping[Noun, Mapping[str, Column]] = {
    Noun.OFFICERS: {
        "officer_id": _id(*_OFFICER),
        "name": _text("姓名", required=True),
        "unit": _text(*_UNIT),
        "valid_from": Column(Form.FROM, headings=("生效日期", "启用日期", "有效期起")),
        "valid_to": Column(Form.UNTIL, headings=("失效日期", "停用日期", "有效期止")),
        "short_codes": Column(Form.IDS, headings=("短码", "警员编号", "记录仪用户编号")),
    },
    Noun.DEVICES: {
        "device_id": _id(*_DEVICE),
        "model": _text("型号", "规格型号"),
        "profile": _id("命名规则", "设备类型", required=False),
        "unit": _text(*_UNIT),
        "serial": _id("序列号", "出厂编号", required=False),
    },
    Noun.ASSIGNMENTS: {
        "device_id": _id(*_DEVICE),
        "officer_id": _id(*_OFFICER),
        "from": Column(Form.FROM, required=True, headings=("领用时间", "开始时间", "起始时间")),
        "to": Column(Form.UNTIL, headings=("归还时间", "结束时间", "终止时间")),
    },
    Noun.CASES: {
        "case_no": _id(*_CASE),
        "title": _text("案件名称", "案由", "标题"),
        "matter_type": _text("事项类型", "执法类别", "案件类型"),
        "unit": _text(*_UNIT),
        "opened_at": Column(Form.FROM, headings=("立案时间", "立案日期")),
        "concluded_at": Column(Form.UNTIL, headings=("结案时间", "结案日期")),
        "confidentiality": _text("密级", "保密类别"),
        "provisional": Column(Form.YES, headings=("先行启动", "是否临时案件")),
        "provisional_no": _id("临时案号", "原临时案号", "临时编号", required=False),
        "urgent_at": Column(Form.FROM, headings=("紧急启动时间", "先行启动时间")),
    },
    Noun.STEPS: {
        "case_no": _id(*_CASE),
        "step_no": _id("环节序号", "步骤编号", "序号"),
        "procedure": _id("程序", "执法环节", "程序代码"),
        "started_at": Column(Form.MOMENT, required=True, headings=("开始时间", "起始时间")),
        "ended_at": Column(Form.MOMENT, required=True, headings=("结束时间", "终止时间")),
        "place": _text("地点", "执法地点"),
        "officers": Column(Form.IDS, headings=("执法人员", "执法人员编号", "参加人员")),
        "party": _text("当事人", "行政相对人"),
        "unsuitable_reason": _text("不宜音像记录理由", "不适宜音像记录的理由"),
        "witness": _text("见证人"),
        "due_at": Column(Form.UNTIL, headings=("改正期限", "履行期限", "到期日")),
        "extended_to": Column(Form.UNTIL, headings=("延长至", "延期至")),
        "urgent_reason": _text("紧急理由", "情况紧急理由"),
        "points": Column(Form.COUNT, headings=("核查点数", "检查点数", "点位数")),
        "sittings": Column(Form.SPANS, headings=("分段时间", "分次时间", "实际执法时段")),
    },
    Noun.DOCUMENTS: {
        "case_no": _id(*_CASE),
        "step_no": _id("环节序号", "步骤编号", "序号", required=False),
        "document": Column(Form.NAME, required=True, headings=("文书名称", "文书")),
        "document_no": _id("文号", "文书编号", required=False),
        "title": _text("标题", "说明"),
        "dated_at": Column(Form.FROM, headings=("文书日期", "制作日期", "落款日期")),
        "signed_by": Column(Form.IDS, headings=("签名", "签字人", "签章")),
    },
}


@dataclass(frozen=True)
class Heading:
    """How the first row of a file was understood.

    Attributes:
        columns: our column at each place, None where the heading is empty.
        unknown: headings nobody knows; twice: columns that come more than once; missing: required ones not there.
    """

    columns: tuple[str | None, ...]
    unknown: tuple[str, ...] = field(default=())
    twice: tuple[str, ...] = field(default=())
    missing: tuple[str, ...] = field(default=())


def read_heading(noun: Noun, cells: tuple[str, ...]) -> Heading:
    """Recognise headings in either language, whatever their case, spaces and width."""
    known = {_folded(each): name for name, column in COLUMNS[noun].items() for each in (name, *column.headings)}
    columns = tuple(known.get(_folded(cell)) for cell in cells)
    named = [column for column in columns if column]
    return Heading(
        columns,
        tuple(cell for cell, column in zip(cells, columns, strict=True) if column is None and cell.strip()),
        tuple(sorted({column for column in named if named.count(column) > 1})),
        tuple(name for name, column in COLUMNS[noun].items() if column.required and name not in named),
    )


def _folded(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).strip().lower().replace(" ", "_").replace("-", "_")
