"""A register that holds a large bureau's judged clips and its records, and nothing of what follows from them."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.findings import StepState
from evidence.law import LawPack
from index import rows, schema
from index.engine import Register
from index.reach import reach_class
from index.records import ROSTER
from index.stored import Stored, Storing, table_of
from tests.support.bureau_clips import STORERS, Rows, rows_of_pair
from tests.support.bureau_plan import Plan, pair_work, people

PROCESSES = 2


def fill(register: Register, plan: Plan, pack: LawPack, *, processes: int = PROCESSES) -> None:
    """Write a bureau into an empty, migrated register."""
    with register.transaction() as session:
        dropped = _without_indices(session)
        _put_records(session, plan, pack)
        if processes == 1:
            for pair in range(plan.pairs):
                _put_clips(session, rows_of_pair(plan, pair, pack))
        else:
            with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
                for found in pool.map(partial(rows_of_pair, plan, pack=pack), range(plan.pairs)):
                    _put_clips(session, found)
        for index in dropped:
            index.create(session.connection())
    if register.file is None:
        with register.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))  # as PostgreSQL does by itself, a little later


def _without_indices(session: Session) -> list[sa.Index]:
    """Drop the indices of the tables of clips; they are made faster when the rows are there."""
    found = [index for name in STORERS for index in schema.Base.metadata.tables[name].indexes]
    for index in found:
        index.drop(session.connection())
    return found


def _put_records(session: Session, plan: Plan, pack: LawPack) -> None:
    officers, devices, assignments = people(plan)
    Storing(schema.OfficerRow).write(session, [_row(schema.OfficerRow, rows.officer_values(o)) for o in officers])
    Storing(schema.DeviceRow).write(session, [_row(schema.DeviceRow, rows.device_values(d)) for d in devices])
    held = [_row(schema.AssignmentRow, rows.assignment_values(one)) for one in assignments]
    Storing(schema.AssignmentRow).write(session, held)
    session.execute(sa.update(schema.Mark).where(schema.Mark.name == ROSTER).values(token="bureau"))
    for pair in range(plan.pairs):
        _put_steps(session, plan, pair, pack)


def _put_steps(session: Session, plan: Plan, pair: int, pack: LawPack) -> None:
    work = pair_work(plan, pair, pack)
    Storing(schema.CaseRow).write(session, [_row(schema.CaseRow, rows.case_values(one)) for one in work.cases])
    unaudited = {"state": StepState.NO_DUTY, "why": ()}
    steps = [
        _row(schema.StepRow, {**rows.step_values(one), "reach_class": reach_class(one.window), **unaudited})
        for one in work.steps
    ]
    Storing(schema.StepRow).write(session, steps)
    workers: list[Stored] = [
        (one.case_no, one.step_no, position, officer)
        for one in work.steps
        for position, officer in enumerate(one.officers)
    ]
    Storing(schema.StepOfficer).write(session, workers)
    filed = [_row(schema.DocumentRow, rows.document_values(one)) for one in work.documents]
    Storing(schema.DocumentRow).write(session, filed)


def _put_clips(session: Session, found: Rows) -> None:
    for name, storer in STORERS.items():
        storer.write(session, found[name])


def _row(model: type[schema.Base], values: rows.Values) -> Stored:
    return Storing(model).row(values)


def counts(session: Session) -> dict[str, int]:
    """Return how many rows the tables of the review have."""
    models = (schema.Clip, schema.StepRow, schema.Link, schema.Doubt, schema.FindingRow, schema.LedgerRow)
    return {m.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table_of(m))) or 0 for m in models}
