"""What models write around and into a reply, and no customer is to read: citation marks and a subject line."""

from __future__ import annotations

from collections.abc import Collection

import re2

from bot.drafts.llm.model_answer import AnswerSentence
from bot.drafts.types import Sentence

# 【4:0†source】 of assistants with files; private characters around `cite` of chat products; [^1] of Markdown; [1] at the end of
# a sentence, where a space or the sentence's mark is before it: `array[1]` has neither.
_MARKS = re2.compile(
    r"[ \x{a0}]?【[^【】]{0,80}†[^【】]{0,200}】|\x{e200}[^\x{e200}\x{e201}]{0,200}\x{e201}|[ \x{a0}]?\[\^\d{1,2}\^?\]"
)
_NUMBERS = re2.compile(r"(?m)([.!?。！？])(?:[ \x{a0}]?\[\d{1,2}\])+(\s|$)|[ \x{a0}](?:\[\d{1,2}\])+([.!?。！？](?:\s|$)|$)")
_CITED = re2.compile(r"[ \x{a0}]?(?:\[(?P<square>[^\[\]]{1,60})\]|【(?P<thick>[^【】]{1,60})】|\((?P<round>[^()]{1,60})\))")
_IDS = re2.compile(r"(?i)^(?:\w{1,12}:? )?([ACMT]\d{1,2}(?:\s?(?:,|;|and|und|et|y)?\s?[ACMT]\d{1,2})*)$")
_ID = re2.compile(r"(?i)[ACMT]\d{1,2}")
_SUBJECT = re2.compile(
    r"(?i)^[\s*_#]*(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|předmět|konu|тема|件名|主题|主題|제목)"
    r"[*_]*[ \x{a0}]?[*_]*[:：][^\n]*"
)


def reply_sentences(answered: Collection[AnswerSentence], ids: Collection[str]) -> tuple[Sentence, ...]:
    """The sentences of a reply. `ids`: the sources that were named to the model; `[A1]` in a text cites one of them."""
    found = [_uncited(each, ids) for each in answered]
    for place, sentence in enumerate(found):
        if not sentence.text.strip():
            continue
        found[place] = Sentence(text=_SUBJECT.sub("", sentence.text, count=1).strip(), sources=sentence.sources)
        break
    return tuple(found)


def _uncited(sentence: AnswerSentence, ids: Collection[str]) -> Sentence:
    cited = list(sentence.sources)

    def taken(match: re2._Match) -> str:
        inside = _IDS.search(next(filter(None, match.groups())).strip())
        named = [each.upper() for each in _ID.findall(inside[1])] if inside else []
        if not named or not set(named) <= set(ids):
            return str(match[0])
        cited.extend(named)
        return ""

    text = _CITED.sub(taken, sentence.text)
    text = _NUMBERS.sub(lambda match: "".join(filter(None, match.groups())), _MARKS.sub("", text))
    return Sentence(text=text, sources=tuple(dict.fromkeys(cited)))
