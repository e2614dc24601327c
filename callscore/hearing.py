"""From a recording to a dialogue: with models from the sound, or from a transcript made elsewhere. Joins the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from callscore.audio import AudioLimits, AudioNote, decode_channels, probe_audio
from callscore.config import Config
from callscore.dialogue import align_words, assign_roles, build_turns, sound_turns
from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.cues import RoleCues
from callscore.dialogue.roles import Cast
from callscore.dialogue.turns import RoledUtterance
from callscore.diarize import DiarizeOptions, Diarizer, load_diarizer_class
from callscore.errors import DiarizeError, ModelError, TranscribeError
from callscore.legs import Legs, find_legs, has_long_pauses, takes_turns
from callscore.records import (
    AudioInfo,
    CallInfo,
    Dialogue,
    Diarization,
    Layout,
    MonoAudio,
    Provenance,
    RecordedCall,
    Role,
    SecondListen,
    SpeakerSpan,
    Transcript,
    Turn,
    TurnKind,
    VoiceActivity,
)
from callscore.registry import ModelFiles, find_model
from callscore.scoring.again import Wish
from callscore.transcribe.base import Channel, SecondListener, TranscribeOptions, Transcriber, load_transcriber_class
from callscore.transcribe.onnx_folder import find_onnx_model
from callscore.transcribe.script import ScriptTurn
from callscore.transcribe.scripted import load_script
from callscore.units import Span, overlap_ms
from callscore.vad import VadOptions, VoiceDetector

__all__ = ["AudioHearing", "Heard", "Hearing", "ScriptHearing", "find_recogniser", "open_hearing"]

# Stereo needs no model to tell the parties apart: a leg is a speaker.
LEGS: Final = Provenance(engine="legs")

# Transcripts round up their last turn; what goes on much longer belongs to another recording.
SCRIPT_BEYOND_MS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What hearing gives: the dialogue, facts on the recording, and who made which part."""

    audio: AudioInfo
    layout: Layout
    dialogue: Dialogue
    provenance: tuple[Provenance, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """Everything known of one channel before roles."""

    activity: VoiceActivity
    transcript: Transcript
    diarization: Diarization


def _audio_limits(config: Config) -> AudioLimits:
    """Return the configured limits in the audio stage's units."""
    return AudioLimits(max_duration_s=config.audio.max_duration_min * 60, max_bytes=config.audio.max_file_mb * 2**20)


class AudioHearing:
    """Hears recordings with models, each loaded when first needed."""

    def __init__(self, config: Config, cues: RoleCues, threads: int) -> None:
        self._config = config
        self._cues = cues
        self._threads = threads
        self._sound: tuple[MonoAudio, ...] = ()

    def hear(self, call: RecordedCall, on_length: Callable[[int], None]) -> Heard:
        """Return what was said in a recording, by whom, and what else sounded.

        Raises:
            AudioError, TranscribeError, DiarizeError: this recording cannot be heard.
            ModelError: no recording can.
        """
        self._sound = ()  # of the call before: two long ones at once would be too much
        path, limits = Path(call.recording.path), _audio_limits(self._config)
        info = probe_audio(path, limits)
        on_length(info.duration_ms)
        legs = find_legs(decode_channels(path, info, limits=limits), info.rate_hz, self._detector, call.info.call_id)
        # What was decoded is what was heard; the file's own idea of its length may be off.
        info = replace(info, duration_ms=legs.channels[0].audio.duration_ms)
        language = call.info.language or self._config.transcribe.language
        self._sound = tuple(channel.audio for channel in legs.channels)
        transcripts = self._transcriber.transcribe(legs.channels, language)
        layout, channels = self._tell_voices(legs, transcripts)
        dialogue, is_contradicted = self._dialogue(channels, call.info, layout, info.duration_ms, language)
        return Heard(
            audio=info,
            layout=layout,
            dialogue=dialogue,
            provenance=_unique(engine for channel in channels for engine in _engines(channel)),
            notes=tuple(sorted({*legs.notes, *([AudioNote.LEGS_SWAPPED] if is_contradicted else [])})),
        )

    def listen_again(self, wishes: Sequence[Wish], language: str) -> tuple[SecondListen, ...]:
        """Return what is heard at some places of the recording that was heard last; nothing if the engine cannot do it.

        Raises:
            TranscribeError: a place cannot be heard.
            ModelError: the weights for it cannot be loaded.
        """
        listener = self._second_listener
        if not isinstance(listener, SecondListener):
            return ()
        sounds = {audio.channel: audio for audio in self._sound}
        heard = []
        for wish in wishes:
            found = listener.listen_again(sounds[wish.channel], wish.spans, language, ". ".join(wish.hints) + ".")
            heard.append(
                SecondListen(
                    role=wish.role,
                    channel=wish.channel,
                    span=Span(wish.spans[0].start_ms, max(span.end_ms for span in wish.spans)),
                    words=found.words,
                    is_hinted=found.is_hinted,
                    model=listener.provenance().model,
                )
            )
        return tuple(heard)

    def _tell_voices(self, legs: Legs, transcripts: Sequence[Transcript]) -> tuple[Layout, list[_Channel]]:
        """Return who speaks when on each channel; a leg beside a silent one may turn out to hold the whole call on mono."""
        pairs = list(zip(legs.channels, transcripts, strict=True))
        if legs.layout is Layout.STEREO and AudioNote.SILENT_LEG in legs.notes:
            for item, transcript in pairs:
                diarization = self._both_voices(item) if transcript.words else None
                if diarization is not None:
                    return Layout.MONO, [_Channel(activity=item.activity, transcript=transcript, diarization=diarization)]
        return legs.layout, [
            _Channel(activity=item.activity, transcript=transcript, diarization=self._diarize(item, transcript, legs.layout))
            for item, transcript in pairs
        ]

    def _both_voices(self, channel: Channel) -> Diarization | None:
        """Return who speaks when on the only leg with speech, None if that is one party or cannot be told."""
        if has_long_pauses(channel.activity):
            return None
        try:
            diarization = self._diarizer.diarize(channel.audio, channel.activity)
        except (ModelError, DiarizeError):
            return None  # a shop with nothing but stereo may do without a diarizer
        return diarization if takes_turns(diarization) else None

    def _diarize(self, channel: Channel, transcript: Transcript, layout: Layout) -> Diarization:
        if layout is Layout.STEREO:
            return _leg(channel.audio.channel, channel.activity.duration_ms)
        if transcript.words:
            return self._diarizer.diarize(channel.audio, channel.activity)
        return Diarization(channel=channel.audio.channel, spans=(), provenance=LEGS)

    def _dialogue(
        self, channels: Sequence[_Channel], info: CallInfo, layout: Layout, duration_ms: int, language: str
    ) -> tuple[Dialogue, bool]:
        """Return the dialogue, and whether what is said contradicts the setting of the operator's channel."""
        utterances = [
            utterance
            for channel in channels
            for utterance in align_words(channel.transcript, channel.diarization, channel.activity)
        ]
        cast = assign_roles(utterances, info, layout, language, self._cues)
        roled = cast.utterances
        turns = build_turns(roled, sound_turns(channel.activity for channel in channels))
        dialogue = Dialogue(
            duration_ms=duration_ms,
            layout=layout,
            language=language,
            turns=turns,
            unrecognised=tuple(
                (_role_at(span, channel, roled), span) for channel in channels for span in channel.transcript.unrecognised
            ),
        )
        return dialogue, cast.is_contradicted

    @cached_property
    def _detector(self) -> VoiceDetector:
        return VoiceDetector(VadOptions())

    @cached_property
    def _transcriber(self) -> Transcriber:
        return self._load_transcriber(find_recogniser(self._config))

    @cached_property
    def _second_listener(self) -> Transcriber:
        wanted = self._config.second_listen.model
        return self._load_transcriber(find_model(wanted, self._config.models.cache_dir)) if wanted else self._transcriber

    def _load_transcriber(self, weights: ModelFiles) -> Transcriber:
        """Load weights into the engine that reads them: a second listen may use another than the first."""
        wanted = self._config.transcribe
        engine = load_transcriber_class(weights.engine)
        options = TranscribeOptions(
            device=wanted.device,
            compute_type=wanted.compute_type,
            threads=self._threads,
            beam_size=wanted.beam_size,
            batch_size=wanted.batch_size,
        )
        return cast("Transcriber", engine(weights.folder, weights.sha256, options))

    @cached_property
    def _diarizer(self) -> Diarizer:
        wanted, cache = self._config.diarize, self._config.models.cache_dir
        engine = load_diarizer_class(wanted.engine)
        segmentation = find_model("pyannote-segmentation-3.0", cache)
        embedding = find_model("campplus-zh-en", cache)
        options = DiarizeOptions(
            segmentation_step=wanted.segmentation_step, max_speakers=wanted.max_speakers, threads=self._threads
        )
        return cast("Diarizer", engine(segmentation.weights, embedding.weights, embedding.folder, options))


class ScriptHearing:
    """Takes dialogues from transcripts made elsewhere; the recording is only probed, no model is loaded."""

    def __init__(self, config: Config, cues: RoleCues) -> None:
        self._config = config
        self._cues = cues

    def listen_again(self, wishes: Sequence[Wish], language: str) -> tuple[SecondListen, ...]:  # noqa: ARG002 - as AudioHearing
        """Return nothing: a transcript cannot be heard again."""
        return ()

    def hear(self, call: RecordedCall, on_length: Callable[[int], None]) -> Heard:
        """Return the dialogue that a transcript beside the recording gives.

        Raises:
            AudioError: the recording cannot be probed.
            TranscribeError: there is no transcript, or it cannot be used.
        """
        path = Path(call.recording.path)
        info = probe_audio(path, _audio_limits(self._config))
        on_length(info.duration_ms)
        script = load_script(path, self._config.transcribe.script)
        language = call.info.language or script.language or self._config.transcribe.language
        layout = Layout.STEREO if info.n_channels > 1 else Layout.MONO
        spoken = [turn for turn in script.turns if turn.kind is TurnKind.SPEECH]
        sounds = tuple(_sound_turn(turn) for turn in script.turns if turn.kind is not TurnKind.SPEECH)
        roled, is_contradicted = self._roled(spoken, call.info, layout, language)
        turns = build_turns(roled, sounds)
        end_ms = max((turn.span.end_ms for turn in turns), default=0)
        if end_ms > info.duration_ms + SCRIPT_BEYOND_MS:
            raise TranscribeError(
                f"the transcript ends at {end_ms / 1000:.1f} s, the recording at {info.duration_ms / 1000:.1f} s",
                where=str(path),
                hint="is it the transcript of another recording?",
            )
        dialogue = Dialogue(duration_ms=max(info.duration_ms, end_ms), layout=layout, language=language, turns=turns)
        return Heard(
            audio=info,
            layout=layout,
            dialogue=dialogue,
            provenance=(Provenance(engine="scripted", parameters=script.sha256[:16]),),
            notes=(AudioNote.LEGS_SWAPPED,) if is_contradicted else (),
        )

    def _roled(
        self, turns: Sequence[ScriptTurn], info: CallInfo, layout: Layout, language: str
    ) -> tuple[list[RoledUtterance], bool]:
        """Return the turns with roles, and whether their words contradict the setting of the operator's channel."""
        known = [
            RoledUtterance(utterance=_utterance(turn), role=turn.role, confidence=1.0)
            for turn in turns
            if turn.role is not None
        ]
        unknown = [_utterance(turn) for turn in turns if turn.role is None]
        cast = assign_roles(unknown, info, layout, language, self._cues) if unknown else Cast(utterances=())
        return [*known, *cast.utterances], cast.is_contradicted


Hearing = AudioHearing | ScriptHearing


def find_recogniser(config: Config) -> ModelFiles:
    """Return the weights that the settings name for recognition, looked at without loading them.

    Raises:
        ModelError: they are missing or damaged, or the engine of the settings cannot read them.
    """
    wanted = config.transcribe
    files = find_model(wanted.model, config.models.cache_dir, engine=wanted.engine)
    if files.engine == "onnx":
        find_onnx_model(files.folder, wanted.compute_type)
    return files


def open_hearing(config: Config, cues: RoleCues, threads: int) -> Hearing:
    """Return the hearing that the settings name.

    Raises:
        ConfigError: there is no such engine.
    """
    load_transcriber_class(config.transcribe.engine)
    if config.transcribe.engine == "scripted":
        return ScriptHearing(config, cues)
    return AudioHearing(config, cues, threads)


def _leg(channel: int, duration_ms: int) -> Diarization:
    spans = (SpeakerSpan(span=Span(0, max(1, duration_ms)), speaker=f"leg{channel}"),)
    return Diarization(channel=channel, spans=spans, provenance=LEGS)


def _engines(channel: _Channel) -> tuple[Provenance, Provenance]:
    return channel.transcript.provenance, channel.diarization.provenance


def _unique(items: Iterable[Provenance]) -> tuple[Provenance, ...]:
    return tuple(dict.fromkeys(items))


def _role_at(span: Span, channel: _Channel, roled: Sequence[RoledUtterance]) -> Role:
    """Return the likeliest role of speech without words: that of its speaker's nearest utterance on the same channel."""
    speakers: dict[str, int] = {}
    for item in channel.diarization.spans:
        speakers[item.speaker] = speakers.get(item.speaker, 0) + overlap_ms(item.span, span)
    speaker = max(sorted(speakers), key=lambda name: speakers[name], default="")
    on_channel = [item for item in roled if item.utterance.channel == channel.transcript.channel]
    own = [item for item in on_channel if item.utterance.speaker == speaker] or on_channel or list(roled)
    if not own:
        return Role.CLIENT
    return min(own, key=lambda item: abs(item.utterance.span.middle_ms - span.middle_ms)).role


def _utterance(turn: ScriptTurn) -> SpeakerUtterance:
    return SpeakerUtterance(speaker=turn.speaker, channel=turn.channel or 0, words=turn.words)


def _sound_turn(turn: ScriptTurn) -> Turn:
    return Turn(turn_no=0, kind=turn.kind, role=Role.SYSTEM, speaker=turn.speaker or "system", channel=0, span=turn.span)
