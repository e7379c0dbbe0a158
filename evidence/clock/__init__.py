"""Which time do we believe, how far, and why: the judgement over a recording's time claims and its camera's history.

`state` reads what one file says, `judge_camera` holds the files and dockings of one camera together, `judge` does both
for a file whose camera nobody knows.
"""

from evidence.clock.corrections import Correction
from evidence.clock.files import Recording
from evidence.clock.judgement import JUDGEMENT, CameraJudgement, judge, judge_camera
from evidence.clock.shifts import Proposal, Shift, ShiftScope, Suspicion, is_same, proposals, systematic
from evidence.clock.solving import Reset
from evidence.clock.stances import ClaimStance, Stance, stances
from evidence.clock.statement import ADJUSTS_S, Statement, state
from evidence.clock.verdicts import ClockJudgement, ClockVerdict

__all__ = [
    "ADJUSTS_S",
    "JUDGEMENT",
    "CameraJudgement",
    "ClaimStance",
    "ClockJudgement",
    "ClockVerdict",
    "Correction",
    "Proposal",
    "Recording",
    "Reset",
    "Shift",
    "ShiftScope",
    "Stance",
    "Statement",
    "Suspicion",
    "is_same",
    "judge",
    "judge_camera",
    "proposals",
    "stances",
    "state",
    "systematic",
]
