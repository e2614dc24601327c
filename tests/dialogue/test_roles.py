"""Who is the operator: by the setting, by what is said, by who speaks when."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.cues import RoleCues, load_role_cues
from callscore.dialogue.roles import assign_roles, guess_roles, read_scene
from callscore.records import CallInfo, Direction, Layout, Role, Word
from callscore.units import Span

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
CUES_FILE = Path(__file__).resolve().parents[2] / "rubrics" / "phrases" / "role_cues.yaml"


@pytest.fixture(scope="module")
def cues() -> RoleCues:
    """Return the cues that ship with callscore."""
    return load_role_cues(CUES_FILE)


def said(*lines: str) -> list[SpeakerUtterance]:
    """Build utterances from "A words" (speaker A on channel 0) or "A1 words" (on channel 1), 600 ms apart."""
    utterances, at = [], 500
    for line in lines:
        head, text = line.split(" ", 1)
        words = [Word(span=Span(at + 350 * n, at + 350 * n + 300), text=word, prob=0.8) for n, word in enumerate(text.split())]
        utterances.append(SpeakerUtterance(speaker=head[0], channel=int(head[1:] or 0), words=tuple(words)))
        at = words[-1].span.end_ms + 600
    return utterances


def roles(
    cues: RoleCues, lines: tuple[str, ...], direction: Direction | None = IN, layout: Layout = Layout.MONO, language: str = "ru"
) -> str:
    """Return one letter per utterance: O, C or S."""
    call = CallInfo(call_id="c", direction=direction)
    return "".join(item.role.value[0].upper() for item in assign_roles(said(*lines), call, layout, language, cues).utterances)


def test_who_asks_how_to_help_is_the_operator(cues: RoleCues) -> None:
    """Any shop's greeting is known, whatever the shop is called."""
    lines = (
        "B Здравствуйте, салон Кактус и Ко, Ирина, чем могу помочь?",
        "A Здравствуйте, мне нужен чайник.",
        "B Какой объём вам нужен?",
        "A Литра полтора.",
    )
    assert roles(cues, lines) == "OCOC"


def test_garbled_words_still_tell(cues: RoleCues) -> None:
    """A recogniser's errors do not hide who asks for a name and who wants to buy."""
    lines = (
        "A Здравстуйте магазин кактас чем магу памочь",
        "B Здравсвуйте мне нужин чайник электрический",
        "A Как квам можна обращаться?",
        "B Фёдор.",
    )
    assert roles(cues, lines) == "OCOC"


def test_who_answers_an_outgoing_call_is_the_client(cues: RoleCues) -> None:
    """The client says "алло, слушаю" first, and the operator is who calls about an order."""
    lines = (
        "A Алло, слушаю вас.",
        "B Добрый день, магазин Ромашка, по поводу вашего заказа. Удобно говорить?",
        "A Да, удобно.",
        "B Адрес назовите, пожалуйста.",
    )
    assert roles(cues, lines, OUT) == "COCO"


def test_a_supplier_who_greets_with_his_company_is_the_client(cues: RoleCues) -> None:
    """On an outgoing call the other side may be a firm too."""
    lines = (
        "A Оптовая база Север, отдел отгрузки, здравствуйте.",
        "B Доброе утро, магазин Ромашка. Подскажите, есть ли в наличии фильтр, артикул два ноль пять?",
        "A Есть, сорок штук.",
        "B Отложите нам десять до завтра.",
    )
    assert roles(cues, lines, OUT) == "COCO"


def test_a_colleague_after_a_transfer_is_an_operator(cues: RoleCues) -> None:
    """A third voice that talks to the client after "соединю вас" is of the shop."""
    lines = (
        "A Магазин Ромашка, Анна, слушаю вас.",
        "B Здравствуйте, хочу купить насос.",
        "A Соединю вас с Олегом, он подскажет.",
        "B Хорошо, давайте.",
        "C Олег, добрый день.",
        "B Мне насос для колодца.",
        "C Глубина какая у вас?",
        "B Метров десять.",
    )
    assert roles(cues, lines) == "OCOCOCOC"


def test_a_prompt_is_nobodys_turn(cues: RoleCues) -> None:
    """A recorded notice before the operator is `system`, though it shares the client's label."""
    lines = (
        "A Обратите внимание, все разговоры записываются. Оставайтесь на линии.",
        "B Здравствуйте, магазин Ромашка, меня зовут Инна, чем могу помочь?",
        "A Здравствуйте, хочу заказать лампу.",
    )
    assert roles(cues, lines) == "SOC"


def test_an_operator_who_tells_of_the_recording_is_no_prompt(cues: RoleCues) -> None:
    """A person has a name and asks how to help."""
    lines = (
        "A Здравствуйте, магазин Ромашка, меня зовут Инна. Для контроля качества разговор записывается. Чем могу помочь?",
        "B Хочу заказать лампу.",
    )
    assert roles(cues, lines) == "OC"


def test_after_a_mailbox_the_caller_speaks(cues: RoleCues) -> None:
    """Who speaks after the tone is the client of an incoming call and the operator of an outgoing one."""
    inbound = (
        "A Вы позвонили в магазин Ромашка, сейчас мы не работаем, оставьте сообщение после сигнала.",
        "B Это Иван, лампа не горит.",
    )
    outbound = (
        "A Абонент не может ответить, оставьте сообщение после сигнала.",
        "B Добрый день, доставка завтра с двух до шести.",
    )
    assert roles(cues, inbound) == "SC"
    assert roles(cues, outbound, OUT) == "SO"


def test_the_channel_setting_decides(cues: RoleCues) -> None:
    """With a leg per speaker and a setting, words change nothing but the confidence."""
    utterances = said("A0 Магазин Ромашка, чем могу помочь?", "B1 Мне нужен чайник.")
    for channel, expected in ((0, "OC"), (1, "CO")):
        call = CallInfo(call_id="c", direction=IN, operator_channel=channel)
        given = assign_roles(utterances, call, Layout.STEREO, "ru", cues)
        assert "".join(item.role.value[0].upper() for item in given.utterances) == expected
    assert given.is_contradicted
    assert given.utterances[0].confidence == 0.6


TALK = (
    "A0 Магазин Ромашка, Анна, чем могу помочь?",
    "B1 Здравствуйте, мне нужен чайник, сколько он стоит?",
    "A0 Он стоит две тысячи рублей. Как я могу к вам обращаться?",
    "B1 Фёдор меня зовут.",
    "A0 Фёдор, оформляем заказ? Курьер привезёт завтра.",
    "B1 Да, давайте. Спасибо.",
)


def test_words_on_both_legs_overrule_the_setting(cues: RoleCues) -> None:
    """Where a whole conversation says that the legs are swapped, they are; the roles are less sure than otherwise."""
    swapped = assign_roles(said(*TALK), CallInfo(call_id="c", direction=IN, operator_channel=1), Layout.STEREO, "ru", cues)
    assert "".join(item.role.value[0].upper() for item in swapped.utterances) == "OCOCOC"
    assert swapped.is_contradicted
    assert {item.confidence for item in swapped.utterances} == {0.9}


def test_words_that_agree_leave_the_setting_sure(cues: RoleCues) -> None:
    """A setting that the words confirm, or say nothing about, is believed."""
    for lines in (TALK, ("A0 Да.", "B1 Нет.")):
        given = assign_roles(said(*lines), CallInfo(call_id="c", direction=IN, operator_channel=0), Layout.STEREO, "ru", cues)
        assert not given.is_contradicted
        assert {item.confidence for item in given.utterances} == {0.99}


def test_the_setting_counts_for_one_leg_alone(cues: RoleCues) -> None:
    """Where only one party was recorded, the setting says which; on mono, where there are no legs, it says nothing."""
    lines = ("A1 Здравствуйте, я вчера оставлял у вас заявку.", "A1 Алло, вы меня слышите?")
    call = CallInfo(call_id="c", direction=OUT, operator_channel=0)
    given = assign_roles(said(*lines), call, Layout.STEREO, "ru", cues)
    assert {item.role for item in given.utterances} == {Role.CLIENT}


def test_a_prompt_on_a_leg_is_only_part_of_it(cues: RoleCues) -> None:
    """The mailbox that answers on the client's leg is a recording, the setting notwithstanding."""
    utterances = said("B1 Абонент недоступен, оставьте сообщение после сигнала.", "A0 Добрый день, это магазин Ромашка.")
    call = CallInfo(call_id="c", direction=OUT, operator_channel=0)
    given = assign_roles(utterances, call, Layout.STEREO, "ru", cues)
    assert [item.role for item in given.utterances] == [Role.SYSTEM, Role.OPERATOR]


def test_a_turn_with_the_wrong_speaker_is_put_right_by_its_words(cues: RoleCues) -> None:
    """Nobody but the operator asks for the client's name, whoever the diarizer took it for."""
    lines = (
        "A Магазин Ромашка, Анна, слушаю вас.",
        "B Здравствуйте, мне нужен чайник.",
        "B Как я могу к вам обращаться? Назовите номер заказа, пожалуйста.",
        "B Фёдор меня зовут.",
        "A Курьер привезёт завтра, оплата при получении.",
        "B Понял, спасибо большое.",
    )
    assert roles(cues, lines) == "OCOCOC"


def test_without_words_confidence_is_low(cues: RoleCues) -> None:
    """Two people who say nothing telling are told by who speaks first, and not surely."""
    call = CallInfo(call_id="c", direction=IN)
    guesses = guess_roles(read_scene(said("A Угу.", "B Ну вот так."), "ru", cues), call)
    assert [guess.role for guess in guesses] == [Role.OPERATOR, Role.CLIENT]
    assert all(0.5 <= guess.confidence < 0.9 for guess in guesses)
    assert guesses[0].reason == "by who speaks when"


def test_english_calls_are_told_too(cues: RoleCues) -> None:
    """English has cues of its own."""
    lines = (
        "A Thank you for calling Harbor Tools, this is Dana, how can I help you?",
        "B Hi, I'd like to return a drill I bought last week.",
        "A May I have your order number, please?",
        "B Sure, it's four five six.",
    )
    assert roles(cues, lines, None, language="en") == "OCOC"


def test_a_language_without_cues_is_told_by_structure(cues: RoleCues) -> None:
    """A language nobody wrote cues for still gets roles, from who speaks first."""
    assert roles(cues, ("A Guten Tag", "B Hallo"), IN, language="de") == "OC"


def test_nothing_said(cues: RoleCues) -> None:
    """A call without words has no roles and no error."""
    assert roles(cues, ()) == ""
