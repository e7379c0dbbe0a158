"""Working days and rest days, by the State's yearly notices. The notices themselves are files of ``config/calendars/``.

Two notions, which the laws' words do not keep apart by themselves:

* A **rest day** is any day that is not a working day: ordinary Saturdays and Sundays and every day of a holiday block,
  but no make-up working day. Deadlines count by it: 工作日 of the Administrative Penalty Law 85 and of the
  Administrative Compulsion Law 69, 法定休假日 of the Civil Code 203 and of the Civil Procedure Law 85. So does the ban
  on enforcement on 法定节假日 (Administrative Compulsion Law 43): the Supreme People's Court read 43 and 69 together
  and held that a Saturday is such a day.
* A **statutory holiday** is a day of a holiday block of a notice, the weekend days in it included. It is the narrow
  reading of 法定节假日 in article 43, and what a page names; an enforcement on it is late by either reading.

Source: Administrative Compulsion Law (2012) 43(1), 69; (2016)最高法行他81号 of 2017-12-20; Measures on Public Holidays
(全国年节及纪念日放假办法, 2024 version) 2, 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

DAY = timedelta(days=1)
SATURDAY = 5

NEW_YEAR_REACH = timedelta(days=7)
"""How far the next year's notice may reach back: 2018-12-29 was a working Saturday by the notice for 2019."""


@dataclass(frozen=True)
class Holiday:
    """A block of days off, from the first to the last, weekends in it included.

    Attributes:
        names: locale → name ("zh-CN", "en"); of both festivals where two share a block.
        source: the notices of its year: title, number and date.
    """

    names: Mapping[str, str]
    first: date
    last: date
    source: str


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked, for the years whose notices are known.

    Attributes:
        years: years whose notices are in the calendar.
        holidays: every block of those years; that of New Year may begin in the December before.
        make_up_days: weekend days that are worked instead of a day of a block (调休上班).
    """

    calendar_id: str
    years: frozenset[int]
    holidays: tuple[Holiday, ...]
    make_up_days: frozenset[date]

    @cached_property
    def _days_off(self) -> Mapping[date, Holiday]:
        return {
            block.first + n * DAY: block for block in self.holidays for n in range((block.last - block.first).days + 1)
        }

    def known(self, day: date) -> bool:
        """Tell whether every notice that can speak of the day is here; without, weekends alone are counted.

        The last week of a December is known with the next year's notice only.
        """
        return {day.year, (day + NEW_YEAR_REACH).year} <= self.years

    def holiday_on(self, day: date) -> Holiday | None:
        """Return the holiday block the day lies in."""
        return self._days_off.get(day)

    def is_statutory_holiday(self, day: date) -> bool:
        """Tell whether the day lies in a holiday block: the narrow reading of 法定节假日 (Compulsion Law 43).

        An ordinary weekend is none. Whether enforcement is barred is asked of ``is_rest_day``.
        """
        return day in self._days_off

    def is_working_day(self, day: date) -> bool:
        """Tell whether the day is worked (工作日: Penalty Law 85, Compulsion Law 69)."""
        if day in self.make_up_days:
            return True
        return day.weekday() < SATURDAY and day not in self._days_off

    def is_rest_day(self, day: date) -> bool:
        """Tell whether the day is off (法定休假日: Civil Code 203; no enforcement: Compulsion Law 43 with 69).

        Source: (2016)最高法行他81号: no forced demolition on a Saturday, save in urgency.
        """
        return not self.is_working_day(day)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after ``day``."""
        day += DAY
        while self.is_rest_day(day):
            day += DAY
        return day

    def with_local(self, local: "WorkCalendar") -> "WorkCalendar":
        """Return this calendar with a region's own holidays added; a year is known where both know it.

        Source: Measures on Public Holidays 4 (holidays of minorities are set by the local government).
        """
        return WorkCalendar(
            calendar_id=f"{self.calendar_id}+{local.calendar_id}",
            years=self.years & local.years,
            holidays=self.holidays + local.holidays,
            make_up_days=self.make_up_days | local.make_up_days,
        )
