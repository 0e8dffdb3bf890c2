"""The wordings by which what is not the article is known: one regular expression a line.

Each block is one alternative of a case-insensitive rule in `furniture` or `credits`. No line
repeats without a bound inside a bound repetition, so that no text can make a match slow.
"""

from __future__ import annotations


def any_of(wordings: str) -> str:
    """The lines of a block as one group of alternatives."""
    return "(?:" + "|".join(line.strip() for line in wordings.strip().splitlines()) + ")"


LINK_LABELS = any_of(
    r"""
    read
    read more
    read also
    also read
    read next
    read the full \w+
    see also
    see more
    click here
    more
    more on this(?: story)?
    more from [^:.]{1,40}
    more (?:[\w']+ ){1,4}(?:coverage|news|stories|reporting)
    related(?: \w+){0,2}
    recommended(?: \w+){0,2}
    you (?:may|might) (?:also like|have missed)
    don['’]t miss(?: this)?
    must[- ]read
    watch(?: more| now| live| this)?
    listen(?: now| here)?
    up next
    go deeper
    learn more
    find out more
    for more(?: information)?
    in case you missed it
    icymi
    follow (?:every|all|live|along|the latest)[^:.]{0,40}
    читайте (?:также|также по теме|ещё|еще)
    читайте також
    читати також
    подробнее
    детальніше
    по теме
    смотрите также
    taip pat skaitykite
    skaitykite (?:taip pat|daugiau)
    skaityti daugiau
    susiję(?: straipsniai)?
    lesen sie (?:auch|mehr)
    mehr zum thema
    auch interessant
    à lire (?:aussi|également)
    lire (?:aussi|la suite)
    leer más
    lea (?:también|además)
    lee también
    te puede interesar
    leggi anche
    per approfondire
    czytaj (?:też|także|więcej)
    zobacz (?:też|także)
    čtěte také
    přečtěte si(?: také)?
    loe (?:ka|lisaks|veel)
    lasi (?:arī|vairāk)
    lasīt vairāk
    citește și
    leia (?:também|mais)
    lees ook
    läs (?:också|mer|även)
    læs også
    les også
    """
)
"""Labels in front of a link to another article."""

SOFT_LABELS = any_of(
    r"""
    tags
    topics
    keywords
    filed under
    теги
    opinion
    analysis
    fact[- ]check
    live(?: updates| blog)?
    video
    gallery
    explainer
    poll
    quiz
    podcast
    live
    """
)
"""Labels that can open a sentence of the article as well."""

WHOLE_LINES = any_of(
    r"""
    \d{1,2} (?:minutes?|hours?|days?) ago
    (?:share|tweet|email|print|save|facebook)(?:[ ,|/]{1,3}(?:share|tweet|email|print|save)){1,6}
    (?:facebook|twitter|email)(?:[ ,|/]{1,3}(?:facebook|twitter|whatsapp|telegram|linkedin|email)){1,6}
    read (?:more|full story|the full story|on)
    see more
    learn more
    (?:advertisement|advertise(?:ment)?s?|ad|реклама|publicidad|publicité|anzeige|werbung|reklama)
    (?:sponsored|promoted|paid|partner)(?: content| post)?
    share(?: this| article| story| on \w+| via \w+| this (?:article|story|page|post|link)(?: on \w+)?)?
    share on [\w, ]{1,60}
    поделиться
    dalintis
    teilen
    partager
    compartir
    udostępnij
    related(?: articles?| stor(?:y|ies)| content| topics?| coverage| news| links?)?
    most (?:read|popular|viewed)
    trending(?: now)?
    more (?:stories|on this story|from \w+)
    recommended(?: for you| stories)?
    you may also like
    read next
    up next
    editors['’]? picks?
    comments?
    (?:show|view|hide|post|read|leave)(?: \w+)? comments?
    \d+ comments?
    leave a (?:comment|reply)
    print(?: this)?(?: article| page)?
    copy(?: the)? link
    link copied
    save(?: article| for later)?
    bookmark
    gift (?:this )?article
    skip to (?:main |the )?(?:content|article)
    loading
    back to top
    continue reading(?: below)?
    tags
    topics
    (?:story|article) continues(?: below| after)?(?: this)?(?: advertisement| the ad| ad)?
    (?:listen|watch)(?: to this article| live| now)?
    (?:hide|toggle) caption
    getty images
    click here(?: to \w+(?: \w+){0,6}| for \w+(?: \w+){0,4})?
    follow us
    subscribe(?: now| today)?
    sign (?:up|in)(?: now| here| today)?
    log ?in
    register(?: now)?
    replay(?: more videos)?
    just watched
    video ad feedback
    view (?:comments|gallery)
    \d{1,2}[- ]min(?:ute)?s?(?: read)?
    accept (?:all )?(?:cookies)?
    cookie (?:policy|settings|preferences)
    privacy policy
    terms (?:of use|of service|and conditions)
    check your local forecast here
    """
)
"""Buttons, labels and markers that stand alone on a line."""

COPYRIGHT = any_of(
    r"""
    ©
    \(c\)\s?\d{4}
    \(c\) (?-i:[A-Z])[\w ]{1,40}\.?$
    &copy\b
    copyright\s?(?:©|\(c\)|\d{4}|by\b)
    all rights reserved\b
    alle rechte vorbehalten
    все права защищены
    усі права захищені
    visos teisės saugomos
    tous droits réservés
    todos los derechos reservados
    """
)
"""How a copyright footer begins."""

CREDITS = any_of(
    r"""
    the post .{1,200} (?:appeared )?first (?:appeared )?on\b
    contributing(?: writers?| reporters?)?\s?[:;–—]
    (?:additional |writing and )?reporting (?:and \w+ )?by\b
    (?:writing|editing|compiled|edited|translated) by\b
    information from (?:the )?[^.]{2,60} (?:was|were) used in this (?:report|article|story)
    (?:material|reporting) from [^.]{2,60} (?:was|were) used in this (?:report|article|story)
    with (?:files|reporting|reports) (?:from|by)\b
    from [^.]{2,40} and (?:wire|staff|news) (?:reports|services)
    (?:the )?associated press
    special to (?:the )?\S{2,20}(?: \S{2,20})?$
    this (?:article|story) (?:originally|first) appeared
    (?:this|the) (?:article|story|report) (?:was|is) (?:originally|first) published
    """
)
"""How a line begins that says who else worked on the article."""

CONTRIBUTED = any_of(
    r"""
    contributed (?:reporting )?to (?:this|the) (?:report|article|story)
    contributed reporting
    contributed to this
    """
)
"""How such a line ends."""

_PLATFORM = r"\b(?:twitter|facebook|instagram|tiktok|youtube|telegram|linkedin|bluesky|threads|whatsapp|x)\b"

CONTACTS = any_of(
    rf"""
    (?:you can |please |and )?follow\s.{{1,160}}?{_PLATFORM}
    (?:you can |please )?(?:follow|tweet)\s.{{0,80}}@\w
    (?:like|join|find|connect with|visit) (?:us|our)\b.{{1,80}}?{_PLATFORM}
    (?:you can )?(?:contact|reach|e-?mail|write to)\b.{{1,80}}\S@\S
    (?:have|got) (?:a|any) (?:\w+ )?(?:tips?|questions?)\b.{{0,40}}\?.{{0,80}}(?:@|contact|e-?mail|reach|send)
    """
)
"""How a line begins that tells where to follow or reach somebody."""

PITCHES = any_of(
    r"""
    (?<!to )(?-i:S(?:ign up|IGN UP|ign Up|ubscribe|UBSCRIBE))(?: now| today)?(?: (?:for|to|here|and)\b|\W*$)
    sign up (?:here|now|today|for free,? (?:right )?here)\W{0,4}$
    sign up here\b
    subscribe(?:d yet)?,? (?:here|now|today)\b
    subscribe to (?:our|the (?:\w+ ){0,3}newsletter|us)\b
    (?:sign(?:ing)? up|subscribe|join|get) [^.]{0,60}\bnewsletter
    sign(?:ing)? up for (?:our|text|e-?mail)\b
    (?:get|want|receive|delivered|sent|in)\b[^.]{0,80}\b(?:to|in) your (?:inbox|phone)
    become a (?:\w+ ){0,3}(?:subscriber|member)\W{0,3}(?:today|now|here|$)
    start your (?:online |digital )?subscription
    would you like to receive\b
    support (?:local|our|independent|quality) journalism
    (?:newsletter|roundup) provides you with
    supporting our (?:journalism|efforts)
    purchases (?:you make )?through our links
    """
)
"""What a newsletter or subscription pitch says."""

NOTICES = any_of(
    r"""
    if you (?:have )?(?:found|find|notice|see|spot) an? (?:\w+ )?(?:error|mistake|typo)
    (?:если вы )?(?:нашли|заметили) (?:ошибку|опечатку)
    якщо ви (?:знайшли|помітили) помилку
    our standards\s?:
    register (?:now )?for free (?:unlimited )?access
    (?:we|this (?:web)?site|our (?:web)?site)(?: and our partners)? (?:may )?uses? (?:\w+ ){0,2}cookies
    by (?:continuing|using|clicking|signing|registering)\b.{1,160}\b(?:you (?:agree|consent)|cookies)
    by (?:submitting|entering)\b.{1,160}\byou (?:agree|consent)
    we (?:will )?use the details you have
    if you wish to object to the use of your data
    accept (?:all )?cookies
    (?:this (?:content|material)|no part of this \w+) (?:may|may not|cannot) be (?:published|reproduced|used)
    please enable javascript
    you need to enable javascript
    your browser (?:does not|doesn['’]t) support
    javascript is
    prices were accurate at the time
    \d\. how relevant is this ad
    video player was slow to load
    этот сайт использует
    diese (?:webs|s)eite verwendet cookies
    ce site utilise des cookies
    """
)
"""How a cookie, privacy or player notice begins."""

CAPTION_BEGINNINGS = any_of(
    r"""
    click to (?:play|watch|enlarge|expand)\b
    view (?:image|photo|gallery|picture)s? in full[ -]?screen
    view (?:image|gallery)\b
    enlarge this image
    (?:image|photo|picture|media|video) (?:source|caption|credit|copyright)s?\s?[,:©]
    (?:image|photo|picture) (?:source|credit)\s
    (?:photo|photograph|picture|image|illustration|foto|фото|nuotr|bild|zdjęcie)s?\.?\s?[:©/]
    (?:file|stock|handout) (?:photo|image|picture|photograph)s?\s?[.:–—,(-]
    FILE PHOTO\b
    FILE\s[-–—]
    \(?ap photo\s?/
    \(?photos? by:?\s(?=\S+(?:\s\S+){0,8}$)
    getty images\b\W*$
    just watched\b
    video ad feedback
    (?:hide|toggle) caption\b
    now playing\b
    credit\s?:\s
    """
)
"""How a caption or photo credit begins."""

CAPTION_ENDS = any_of(
    r"""
    (?:photo|photograph|picture|image|foto|фото)s?(?: (?:credit|by|courtesy))?\s?: [^.:]{2,60}
    \|\s[^|.]{0,40}(?:getty|ap photo|photo|images|afp|reuters|epa|pool)\b[^|.]{0,40}
    \[[^\[\]]{0,60}(?:/|reuters|\bafp|\bap\b|\bepa\b|getty|file)[^\[\]]{0,60}\]
    \(\s?(?:ap|file|afp|reuters|epa|pool)?\s?(?:photo|image|picture|photograph)\b[^()]{0,100}\)\.?
    \bgetty images(?: \w+)?\)?
    \((?:via )?[^()]{0,40}getty[^()]{0,40}\)
    \bap photo\b[^.]{0,60}
    \b(?:hide|toggle) caption(?: \d+ of \d+)?
    \breplay more videos\b.{0,80}
    (?<![a-z] )\bcourtesy(?: of)? [^.]{2,60}
    \bvia (?:getty images|reuters|ap|afp|shutterstock)
    """
)
"""How a caption ends."""

INSTITUTIONS = any_of(
    r"""
    army
    navy
    air force
    force[s]?
    ministry
    minister
    government
    president\w*
    chancellery
    office
    department
    police
    university
    museum
    service
    court
    parliament
    senate
    congress
    council
    commission
    committee
    agency
    institute
    foundation
    embassy
    guard
    command
    studios?
    pictures
    records
    family
    white house
    kremlin
    nato
    nasa
    esa
    photo\w*
    images?
    """
)
"""Words in the names of bodies that publish photos of themselves."""
