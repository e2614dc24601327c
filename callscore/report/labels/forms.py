"""Words of the forms of reports (pages, workbooks), Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

_HOW_RU: Final = """\
Как читать интервалы: число — оценка по этим звонкам; в скобках — границы, между которыми истинное значение лежит \
в 95 случаях из 100. Чем меньше звонков и чем больше неясных вердиктов, тем интервал шире. Если интервалы \
перекрываются, разница не доказана. Серым — строки, где звонков слишком мало для вывода."""
_HOW_EN: Final = """\
How to read intervals: the number is what these calls give; in brackets are the ends between which the true value \
lies in 95 cases of 100. The fewer calls and the more unsure verdicts, the wider it is. Where intervals overlap, \
a difference is not proven. Grey rows have too few calls to tell anything."""

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "period": ("Период", "Period"),
    "period_all": ("за всё время", "all time"),
    "period_between": ("с {since} до {until}", "{since} until {until}"),
    "period_since": ("с {day}", "since {day}"),
    "period_until": ("до {day}", "until {day}"),
    "selection": ("Отбор", "Selection"),
    "data_at": ("Данные на", "Data as of"),
    "made_at": ("Отчёт составлен", "Report made"),
    "about": ("Об отчёте", "About"),
    "how_to_read": (_HOW_RU, _HOW_EN),
    "chart_desc": (
        "Те же числа стоят в таблице под рисунком.",
        "The table below the picture holds the same numbers.",
    ),
    "chart_interval": ("интервал 95 %", "95% interval"),
    "chart_heat": ("{what}: чем сильнее цвет, тем больше", "{what}: the stronger the colour, the more"),
    "chart_cut": ("На рисунке первые {limit} строк.", "The picture shows the first {limit} rows."),
    "rows_cut": (
        "Показаны первые {shown} из {total} строк; все строки: --format xlsx или csv.",
        "The first {shown} of {total} rows are shown; all of them: --format xlsx or csv.",
    ),
    "rows_filter": ("Найти в таблице", "Find in the table"),
    "rows_none": ("Строк нет.", "No rows."),
    "yes_word": ("да", "yes"),
    "no_word": ("нет", "no"),
    "chart_sheet": ("График", "Chart"),
    "facts_name": ("Показатель", "Fact"),
    "facts_value": ("Значение", "Value"),
    "note_recent": (
        "Без --since — последние {days} дней.",
        "Without --since: the last {days} days.",
    ),
}
