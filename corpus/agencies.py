"""Agencies, photo stocks and the like, in lower case.

They sell or hand out to all outlets, so their name in a credit says nothing of the outlet.
"""

from __future__ import annotations


def _names(lines: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in lines.split(","))


_AGENCIES = _names(
    """
    aap, adobe stock, afp, agencies, alamy, alamy stock photo, anadolu, anadolu agency, ani, ansa, ap,
    ap images, ap photo, apa, archive, associated press, belga, bloomberg, bns, canadian press, canva,
    courtesy, cp, creative commons, ctk, depositphotos, dpa, dreamstime, efe, elta, epa, epa-efe,
    epa/efe, esa, facebook, file, file photo, flickr, getty, getty images, handout, imagn, imago,
    instagram, interfax, istock, istockphoto, keystone, kyodo, kyodo news, lehtikuva, leta, magnum,
    maxar, mti, nasa, nato, ntb, nurphoto, pa, pa images, pa media, pa wire, pap, pexels, pixabay,
    planet labs, pond5, pool, press association, pti, public domain, reuters, rex, rex features, ria,
    ria novosti, ritzau, ritzau scanpix, scanpix, screenshot, shutterstock, sipa, sipa usa, splash,
    sputnik, stringer, tass, telegram, the associated press, the canadian press, tiktok, tt, twitter,
    ukrinform, unian, unsplash, upi, usa today network, usa today sports, via, via ap, via getty, via
    getty images, via reuters, wam, wikimedia, wikimedia commons, wireimage, x, xinhua, yonhap, youtube,
    zuma, zuma press
    """
)


def is_agency(name: str) -> bool:
    """Whether the name is of an agency or a photo stock, which many outlets share."""
    return " ".join(name.lower().strip(" .").split()) in _AGENCIES
