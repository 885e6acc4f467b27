"""What a web page leaves around an article once its text is copied: menus, forms, credits. Owns the cues for it.

The cues are phrases of German and English news sites and blog systems, never of a particular article. They are kept
narrow: a sentence wrongly set aside is a sentence a reader cannot find.
"""

from __future__ import annotations

import re

# Numbers and words are taken whole (++): could they be divided, some "seite 1111111 kommentare" could be read in more
# ways than there is time for.
# A block that consists of one of these (and nothing else, repetitions allowed) is page furniture wherever it stands.
_FURNITURE = re.compile(
    r"""(?ix) \A (?: (?:
      (?:dark|light)\ mode | (?:dunkler|heller)\ modus
    | (?:add|leave|post|write)\ a\ comment | (?:no|\d++)\ comments? | leave\ a\ reply
    | (?:schreibe?n?\ (?:sie\ )?|hinterlassen?\ (?:sie\ )?)(?:einen\ )kommentar
    | kommentare?\ ?\(\d++\) | (?:\d++|keine)\ kommentare?
    | kommentar\ (?:schreiben|abschicken|verfassen) | post\ comment
    | previous\ (?:post|article) | next\ (?:post|article)
    | (?:vorheriger|nächster|voriger)\ (?:beitrag|artikel)
    | (?:das\ )?könnte\ (?:sie|ihnen|dich|dir)\ auch\ (?:gefallen|interessieren)
    | you\ (?:may|might)\ also\ like
    | (?:ähnliche|weitere|verwandte)\ (?:artikel|beiträge)
    | mehr\ zum\ thema | related\ (?:posts|articles)
    | read\ more | weiterlesen
    | (?:abonnieren\ sie|abonniere)\ (?:unseren|den)\ newsletter
    | (?:subscribe\ to|sign\ up\ for)\ our\ newsletter | newsletter
    | (?:teilen|share)(?:\ (?:auf|on|via)\ \w++)? | facebook | twitter | whatsapp | linkedin | telegram
    | drucken | print
    | (?:skip\ to|zum)\ (?:content|inhalt)(?:\ springen)? | menü? | navigation | home | startseite | suche | search
    | anzeige | werbung | advertisement | impressum | datenschutz(?:erklärung)? | cookie-?einstellungen
    | (?:deine|ihre)\ e-mail-adresse\ wird\ nicht\ veröffentlicht\. | your\ email\ address\ will\ not\ be\ published\.
    | erforderliche\ felder\ sind\ mit\ \*\ markiert\.? | required\ fields\ are\ marked\ \*
    | seite\ \d++(?:\ (?:von|/)\ \d++)? | page\ \d++(?:\ of\ \d++)?
    ) [\s|·•:]* )+ \Z"""
)
_FURNITURE_LENGTH = 200
# A short line without a full stop that names a licence or an agency is a picture credit.
_CREDIT = re.compile(
    r"(?i)\(CC0\)|\bCC[ -]BY|\b(?:pixabay|unsplash|pexels|shutterstock|getty images|imago images|picture alliance)\b"
    r"|\A(?:foto|bild|photo|image|quelle|credit)s?\s?:"
)
_CREDIT_LENGTH = 120
# Legal and sign-up paragraphs: one cue proves nothing, so as many as _CUES_NEEDED different ones must meet. In front of
# each stand words without which it cannot be there, for a word is found many times faster than a pattern.
_SMALL_PRINT = (
    (("urheberrecht", "copyright"), re.compile(r"(?i)\burheberrecht|\bcopyright")),
    (
        ("dieser artikel ", "this article "),
        re.compile(r"(?i)\b(?:dieser artikel|this article) (?:wurde|was|verstößt|violates)"),
    ),
    (("mail",), re.compile(r"(?i)\b(?:e-mail|email) (?:senden|schicken|to)\b|\bsend us an email")),
    (
        ("titelbild", "cover image", "illustrati"),
        re.compile(r"(?i)\btitelbild\b|\bcover image\b|\billustrativen zwecken\b|\billustrative purposes\b"),
    ),
    (
        ("richtlinien", "guidelines"),
        re.compile(r"(?i)\brichtlinien für die einreichung\b|\bsubmission guidelines\b"),
    ),
    (("vorbehalten", "reserved"), re.compile(r"(?i)\balle rechte vorbehalten\b|\ball rights reserved\b")),
    (("nutzungsbedingungen", "terms of "), re.compile(r"(?i)\bnutzungsbedingungen\b|\bterms of (?:use|service)\b")),
    (("newsletter",), re.compile(r"(?i)\bnewsletter\b")),
    (
        ("jederzeit ", "any time "),
        re.compile(r"(?i)\b(?:jederzeit|any time) .{0,20}(?:abmelden|abbestellen|unsubscribe)"),
    ),
)
_CUES_NEEDED = 3
# Furniture that opens the end of a page: what follows it is teasers of other articles until whole sentences resume.
_FOOTER = re.compile(
    r"(?i)\A(?:(?:previous|next) (?:post|article)"
    r"|(?:vorheriger|nächster|voriger) (?:beitrag|artikel)"
    r"|(?:das )?könnte (?:sie|ihnen|dich|dir) auch|you (?:may|might) also"
    r"|(?:ähnliche|weitere|verwandte) (?:artikel|beiträge)"
    r"|related (?:posts|articles)|(?:abonnieren sie|abonniere) |subscribe to|sign up for"
    r"|(?:add|leave|post|write) a comment"
    r"|schreibe? (?:sie )?einen kommentar|mehr zum thema)"
)
_SENTENCE_ENDS = tuple(".!?…")
_CLOSING = "\"“”«»’')]"


def is_noise(block: str) -> bool:
    """Say whether a folded block of text is page furniture, a picture credit or small print, judged by itself."""
    if not any(character.isalnum() for character in block):
        return True
    if len(block) <= _FURNITURE_LENGTH and _FURNITURE.match(block):
        return True
    if len(block) <= _CREDIT_LENGTH and _CREDIT.search(block) and not ends_sentence(block):
        return True
    small = block.casefold()
    cues = (cue for words, cue in _SMALL_PRINT if any(word in small for word in words))
    return sum(cue.search(block) is not None for cue in cues) >= _CUES_NEEDED


def opens_footer(block: str) -> bool:
    """Say whether a folded block announces other articles, a newsletter or a comment form."""
    return _FOOTER.match(block) is not None


def ends_sentence(block: str) -> bool:
    """Say whether a folded block ends the way a sentence does."""
    return block.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)
