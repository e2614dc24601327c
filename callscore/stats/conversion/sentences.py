"""A finding as a sentence for managers, Russian and English: what, why, the numbers, and that it is an association. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callscore.store.conversion_records import ConversionRow

__all__ = ["sentence"]

_DOUBT_WORTH_TELLING: Final = 0.1

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "helps": (
        (
            "Помогает: когда критерий выполнен, продажей заканчивается на {difference} п. п. больше похожих звонков у тех "
            "же операторов (95 % интервал {low}…{high} п. п.; выполнен в {n_pass} зв., не выполнен в {n_fail})."
        ),
        (
            "Helps: where it is met, {difference} points more of like calls of the same operators end in a sale (95 % "
            "interval {low} to {high}; met in {n_pass} calls, not met in {n_fail})."
        ),
    ),
    "hurts": (
        (
            "Мешает: когда критерий выполнен, продажей заканчивается на {difference} п. п. меньше похожих звонков у тех же "
            "операторов (95 % интервал {low}…{high} п. п.; выполнен в {n_pass} зв., не выполнен в {n_fail})."
        ),
        (
            "Hurts: where it is met, {difference} points fewer of like calls of the same operators end in a sale (95 % "
            "interval {low} to {high}; met in {n_pass} calls, not met in {n_fail})."
        ),
    ),
    "association": (
        "Это связь, а не доказательство: за ней может стоять то, чего в данных нет.",
        "This is an association, not a proof: something that is not in the data may be behind it.",
    ),
    "no_difference": (
        (
            "Влияния не видно: разница {difference} п. п. (95 % интервал {low}…{high}), а разницу от {detectable} п. п. "
            "такие данные показали бы в 80 случаях из 100. Это не доказывает, что влияния нет, и говорит о связи, а не о "
            "причине."
        ),
        (
            "No evidence of an effect: the difference is {difference} points (95 % interval {low} to {high}), and one of "
            "{detectable} points or more would have shown in 80 of 100 cases. That does not prove there is none; it is "
            "about an association."
        ),
    ),
    "underpowered": (
        (
            "Данных мало: разница {difference} п. п. (95 % интервал {low}…{high}) может быть случайной. Надёжно видна "
            "только разница от {detectable} п. п., а важна уже от {matters}. Нужно больше звонков, чтобы судить о связи."
        ),
        (
            "Not enough data: the difference of {difference} points (95 % interval {low} to {high}) may be chance. Only one "
            "of {detectable} points or more shows reliably, while {matters} would matter. An association needs more calls "
            "to show."
        ),
    ),
    "many_asked": (
        (
            "Данных мало: сама по себе разница {difference} п. п. заметна (95 % интервал {low}…{high}), но когда критериев "
            "много, у какого-то из них так бывает и случайно (q = {q}). Нужно больше звонков, чтобы судить о связи."
        ),
        (
            "Not enough data: taken alone the difference of {difference} points stands out (95 % interval {low} to {high}), "
            "but among many criteria one may by chance (q = {q}). An association needs more calls to show."
        ),
    ),
    "doubtful": (
        "Данных мало: связь меняет знак, смотря чем считать сомнительные вердикты ({unsure} зв.). Их надо проверить.",
        "Not enough data: the association changes its sign with how the {unsure} unsure verdicts are counted. Review them.",
    ),
    "few_calls": (
        "Данных мало: вердикт и исход известны только в {n} зв., о связи с продажами по ним судить нельзя.",
        "Not enough data: verdict and outcome are known of {n} calls only, too few to speak of an association with sales.",
    ),
    "no_verdicts": (
        "Данных мало: нет ни одного звонка с вердиктом «выполнен» или «не выполнен» и известным исходом, сравнивать нечего.",
        "Not enough data: no call has both a pass or fail and a known outcome, so that there is nothing to compare.",
    ),
    "few_of_a_verdict": (
        "Данных мало: критерий выполнен в {n_pass} зв. и не выполнен в {n_fail}, сравнивать почти не с чем.",
        (
            "Not enough data: the criterion is met in {n_pass} calls and not met in {n_fail}, so that there is little to "
            "compare."
        ),
    ),
    "few_sales": (
        "Данных мало: из {n} зв. продажей закончились {won}, этого не хватает, чтобы учесть, кто, когда и кому отвечал.",
        (
            "Not enough data: {won} of {n} calls ended in a sale, which does not suffice to adjust for who answered, when "
            "and whom."
        ),
    ),
    "one_operator": (
        "Данных мало: все звонки одного оператора, и то, что свойственно ему, не отделить от пользы критерия.",
        (
            "Not enough data: all calls are of one operator, and what is peculiar to that person cannot be told from the "
            "criterion."
        ),
    ),
    "entangled": (
        (
            "Данных мало: выполнен критерий или нет, почти всегда зависит от линии, времени или оператора, и одно от "
            "другого не отделить."
        ),
        (
            "Not enough data: whether the criterion is met nearly always goes with line, time or operator, and cannot be "
            "told from them."
        ),
    ),
    "few_clusters": (
        (
            "Данных мало: и выполняют, и не выполняют критерий слишком немногие операторы ({operators}), надёжного "
            "интервала нет."
        ),
        "Not enough data: too few operators ({operators}) both meet and miss the criterion for a reliable interval.",
    ),
    "no_outcomes": (
        "Данных мало: ни один заказ не связан со звонком, поэтому об исходе звонков ничего не известно.",
        "Not enough data: no order is joined to a call, so that nothing is known of how calls ended.",
    ),
    "no_calls": (
        "Данных мало: нет звонков с известными оператором и исходом.",
        "Not enough data: there is no call of which both operator and outcome are known.",
    ),
    "left_out": ("Не учтены сомнительные вердикты ({unsure} зв.).", "Unsure verdicts are left out ({unsure} calls)."),
    "these_operators": (
        "Операторов мало ({operators}), поэтому вывод только о них.",
        "There are few operators ({operators}), so that this is about them only.",
    ),
}


def sentence(row: ConversionRow, language: str) -> str:
    """Return the finding of `row` in words, in `language` (ru, else English)."""
    place = 0 if language == "ru" else 1
    keys = [_main_key(row)]
    if row.finding in ("helps", "hurts"):
        keys.append("association")
    if row.odds_ratio is not None and row.design == "operator_weeks":
        keys.append("these_operators")
    doubt = (row.n_unsure or 0) / max(1, row.n + (row.n_unsure or 0))
    if row.odds_ratio is not None and row.reason != "doubtful" and doubt >= _DOUBT_WORTH_TELLING:
        keys.append("left_out")
    values = _values(row, language)
    return " ".join(_TEXTS[key][place].format(**values) for key in keys)


def _main_key(row: ConversionRow) -> str:
    if row.finding in ("helps", "hurts"):
        return row.finding
    if row.n == 0 and row.reason in ("few_calls", "few_of_a_verdict"):
        return "no_verdicts"
    return row.reason or "no_calls"


def _values(row: ConversionRow, language: str) -> dict[str, str]:
    def points(value: float | None) -> str:
        text = f"{100 * (value or 0.0):.1f}"
        text = "0.0" if text == "-0.0" else text
        return text.replace(".", ",") if language == "ru" else text

    def count(value: float | None) -> str:
        text = f"{round(value or 0):,}"
        return text.replace(",", "\u00a0") if language == "ru" else text

    is_less = row.finding == "hurts"
    ends = (row.risk_low, row.risk_high)
    # "4 points fewer, 2 to 6": the signs go with the word.
    low, high = (-(ends[1] or 0.0), -(ends[0] or 0.0)) if is_less else ends
    won = (row.conversion_pass or 0.0) * row.n_pass + (row.conversion_fail or 0.0) * row.n_fail
    return {
        "difference": points(abs(row.risk_difference or 0.0) if is_less else row.risk_difference),
        "low": points(low),
        "high": points(high),
        "detectable": points(row.detectable),
        "matters": points(row.matters),
        "q": f"{row.q_value or 0.0:.2f}".replace(".", "," if language == "ru" else "."),
        "n": count(row.n),
        "n_pass": count(row.n_pass),
        "n_fail": count(row.n_fail),
        "won": count(won),
        "unsure": count(row.n_unsure),
        "operators": count(row.n_operators),
    }
