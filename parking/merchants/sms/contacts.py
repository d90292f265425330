"""Who comes and in what: phone number, plate, name."""

import re
from collections.abc import Callable, Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

from parking.merchants.sms.known_words import is_known
from parking.merchants.sms.results import NAME_CHARACTERS_MAX, Hints
from parking.merchants.sms.scan import Scan, Spot
from parking.plates import normalised

Match = re.Match[str]
_TRIES_MAX = 100
"""How often the library may try at one text: enough for any honest one."""
_PLATE_SIGNS_MAX = 10
_PLATE_CHARACTERS_MAX = 16
"""With what stands between its pieces."""
_PLATE_TOKENS_MAX = 4
_PLATE_LETTERS_MAX = 4
"""More letters in a row are a word: `plate follows 8 pm`."""
_TIME = re.compile(r"[0-9]{1,2}(?:[ap]m|h)", re.IGNORECASE)

_PHONE_LABEL = re.compile(
    r"(?:\b(?:tel(?:ephone)?|phone|mobile|mob|cell|call|ph)\b|电话|手机号?|联系方式|联系)\.?\s*(?:no\.?|number|号码?)?\s*"
    r"(?:is|是|为)?\s*[:=]?\s*(?=[+0-9(])",
    re.IGNORECASE,
)
_PROVINCE = (
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使滬雲遼魯蘇貴陝寧閩贛瓊粵"
)
_OLD_PROVINCES = str.maketrans("滬雲遼魯蘇貴陝寧閩贛瓊粵", "沪云辽鲁苏贵陕宁闽赣琼粤")
_CHINESE_PLATE = re.compile(
    rf"[{_PROVINCE}][A-Z][\s·.-]?[A-Z0-9]{{4,5}}[A-Z0-9学警港澳挂]", re.IGNORECASE
)
_SURE_PLATES = re.compile(
    r"(?<![A-Za-z0-9#-])(?:[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?[0-9]{1,4}[EH]?|[A-Z]{2}[0-9]{2} ?[A-Z]{3}|"
    r"[A-Z]{2}-[0-9]{3}-[A-Z]{2})(?![A-Za-z0-9-])"
)
_PLATE_LABEL = re.compile(
    r"(?:\b(?:licen[cs]e\s+plate|number\s*plate|plate|licen[cs]e|registration|reg)\b\.?|车牌)\s*"
    r"(?:no\.?(?=[\s:])|number|nr\.?|号码?)?\s*(?:is\b|是|为)?\s*[:=]?\s*"
    rf"(?P<first>[{_PROVINCE}]?[A-Za-z0-9ÄÖÜäöü]+学?)",
    re.IGNORECASE,
)
_NEXT_TOKEN = re.compile(
    r"(?P<gap>[ ·.-]|\s-\s)(?P<token>[A-Za-z0-9ÄÖÜäöü]+[学警港澳挂]?)(?![:/][0-9])"
)
_QUOTED_NAME = re.compile(
    r"(?:(?:\b(?:name[ds]?|guest|client|customer|for)\b|姓名|名字|客人|叫|为|给)\s*(?:is|是)?\s*[:=]?\s*)?"
    r'"(?P<name>[^"\0]{1,200})"',
    re.IGNORECASE,
)
_LETTER = r"[^\W\d_\u3400-\u9fff]"
_WORD = rf"{_LETTER}(?:{_LETTER}|['.-](?={_LETTER}))*"
_TITLED = re.compile(
    rf"\b(?P<title>mr|mrs|ms|miss|mx|dr|prof|herr|frau|mme)\b\.?\s*(?P<first>{_WORD})"
    rf"(?P<more>(?:\s+{_WORD}){{0,2}})",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"\b(?P<label>name[ds]?|guest|client|customer|for)\b\s*(?P<mark>[:=]|is\b)?\s*(?P<first>{_WORD})"
    rf"(?P<more>(?:\s+{_WORD}){{0,2}})",
    re.IGNORECASE,
)
_ZH_LABELLED = re.compile(
    r"(?:姓名|名字|客人|叫|贵宾)\s*(?:是|为|叫)?\s*[:=]?\s*"
    r"(?P<name>[\u4e00-\u9fff]{2,4}|[A-Za-z]+(?: [A-Za-z]+)?)"
)
_ZH_TITLED = re.compile(
    r"(?:[给为是和叫姓请帮替])*(?P<name>[\u4e00-\u9fff]{1,4}?"
    r"(?:女士|先生|小姐|太太|夫人|老师|总监|总|经理|医生|教授))"
)


def phones_in(scan: Scan, hints: Hints) -> list[Spot[str]]:
    """Phone numbers in E.164: with the country code, or as they are dialled in the region."""
    found = list(_matched(scan, Leniency.VALID, hints.region or None))
    if "+" in scan.rest:
        found += _matched(scan, Leniency.POSSIBLE, None)
    scan.has(_PHONE_LABEL)
    return sorted(found, key=lambda spot: spot.start)


def _matched(scan: Scan, leniency: int, region: str | None) -> Iterator[Spot[str]]:
    matches = PhoneNumberMatcher(scan.rest, region, leniency=leniency, max_tries=_TRIES_MAX)
    for match in list(matches):
        if match.number.extension is None:
            scan.blank(match.start, match.end)
            yield Spot(match.start, match.end, _e164(match.number))


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def plates_in(scan: Scan) -> list[Spot[str]]:
    """Plates: after a word for them, or such as nothing else looks like (粤B12345, B-MW 123)."""
    found = scan.take(_CHINESE_PLATE, lambda match: normalised(match[0].translate(_OLD_PROVINCES)))
    scan.take(re.compile(r"车牌号?(?=[\s:]*\0)"), lambda _: True)
    while match := _PLATE_LABEL.search(scan.rest):
        end = _plate_end(scan.rest, match)
        text = scan.rest[match.start("first") : end]
        if any(sign.isdigit() for sign in text) and len(text) <= _PLATE_CHARACTERS_MAX:
            found.append(Spot(match.start(), end, normalised(text.translate(_OLD_PROVINCES))))
            scan.blank(match.start(), end)
        else:
            scan.blank(match.start(), match.start("first"))
    return found + scan.take(_SURE_PLATES, lambda match: normalised(match[0]))


def _plate_end(text: str, match: Match) -> int:
    """Where a plate ends that may be written in several pieces: `B-MW 123`, `AB12 CDE`."""
    end, pieces = match.end(), [match["first"]]
    while len(pieces) < _PLATE_TOKENS_MAX and (more := _NEXT_TOKEN.match(text, end)):
        if not _belongs(pieces, more["token"], is_tied=more["gap"] != " "):
            break
        pieces.append(more["token"])
        end = more.end()
    return end


def _belongs(pieces: list[str], token: str, *, is_tied: bool) -> bool:
    so_far = "".join(pieces)
    last = pieces[-1]
    is_word = last.isalpha() and (len(last) > _PLATE_LETTERS_MAX or is_known(last))
    if is_word or len(so_far) + len(token) > _PLATE_SIGNS_MAX or _TIME.fullmatch(token):
        return False
    if is_tied:
        return True
    if token.isdigit():
        return not so_far[-1].isdigit() and not any(sign.isdigit() for sign in so_far)
    is_short = len(token) <= 3 and token == token.upper()
    return not is_known(token) and (is_short or (so_far.isalpha() and any(map(str.isdigit, token))))


def quoted_names(scan: Scan) -> list[Spot[str]]:
    """`name "Ms Li"`: whatever stands between the quotes."""
    return scan.take(_QUOTED_NAME, lambda match: _clean(match["name"]))


def titled_names(scan: Scan) -> list[Spot[str]]:
    """`Ms Li`, `Dr. Anna Weber`."""

    def read(match: Match) -> str | None:
        if is_known(match["first"]) and match["first"].islower():
            return None
        title = match["title"].capitalize() if match["title"].islower() else match["title"]
        return _clean(f"{title} {match['first']}{_names_of(match['more'])}")

    # The words behind the name that are none are left for others to read.
    return _take_part(scan, _TITLED, read)


def other_names(scan: Scan) -> list[Spot[str]]:
    """`for Anna Weber`, `name: li wei`, `李女士`, `姓名：李雷`; read last, when little is left."""

    def read(match: Match) -> str | None:
        is_bound = _is_bound(match)
        first = match["first"]
        if is_known(first) or not (is_bound or first[0].isupper()):
            return None
        return _clean(first + _names_of(match["more"], any_case=is_bound))

    return (
        scan.take(_ZH_LABELLED, lambda match: _clean(match["name"]))
        + scan.take(_ZH_TITLED, lambda match: _clean(match["name"]))
        + _take_part(scan, _LABELLED, read)
    )


def _take_part(
    scan: Scan, pattern: re.Pattern[str], read: Callable[[Match], str | None]
) -> list[Spot[str]]:
    """Take as much of each match as was made part of the name."""
    found, at = [], 0
    while match := pattern.search(scan.rest, at):
        name = read(match)
        at = match.end("first")
        if name is None:
            at = match.start() + 1
            continue
        end = match.end("first") + len(_names_of(match["more"], any_case=_is_bound(match)))
        found.append(Spot(match.start(), end, name))
        scan.blank(match.start(), end)
    return found


def _is_bound(match: Match) -> bool:
    """Whether a word says that a name follows, so that it need not be capitalised."""
    label = match.groupdict().get("label")
    return label is not None and (label.lower() != "for" or bool(match["mark"]))


def _names_of(text: str, *, any_case: bool = False) -> str:
    """The leading words that can be a name: capitalised, and no words of the grammar."""
    kept = ""
    for word in re.findall(r"\s+\S+", text):
        if is_known(word.strip()) or not (any_case or word.strip()[0].isupper()):
            break
        kept += word
    return kept


def _clean(name: str) -> str | None:
    plain = " ".join(name.split())[:NAME_CHARACTERS_MAX].strip(" .,;:-")
    return plain or None
