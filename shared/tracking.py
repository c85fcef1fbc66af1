"""Which parameters of a URL say how a reader came and never what is read.

Written from what the networks and publishers document of their own links. A name that some site could mean otherwise is not
here for all sites: it counts on the hosts that are known to use it so (`_ON_HOSTS`), or with a value that shows it (`_SHOWN`).
"""

import re

_NAMES = (
    # click ids and campaigns of networks
    "fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id"
    " epik rb_clickid irclickid ir_clickid wickedid srsltid dicbo oborigurl tblci _branch_match_id _branch_referrer mibextid"
    " fb_action_ids fb_action_types fb_source fb_ref fb_comment_id action_object_map action_type_map action_ref_map __tn__ fref"
    " hc_ref hc_location sfnsn __twitter_impression ref_src ref_url"
    # mail
    " mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id oly_enc_id _ke _kx"
    " dm_i ml_subscriber ml_subscriber_hash ck_subscriber_id nr_email_referer elqtrackid elqtrack elqaid elqat trk_contact"
    " trk_msg trk_module trk_sid gdfms gdftrk gdffi spmailingid spuserid spjobid spreportid"
    # measuring
    " _ga _gl _gac _openstat __source s_cid s_kwcid ef_id cm_mmc cm_ven cm_cat cm_pla cm_ite cmpid icid ncid intcmp intcid"
    " xtor xtref xts ns_mchannel ns_source ns_campaign ns_linkname ns_fee guccounter guce_referrer guce_referrer_sig soc_src"
    " soc_trk sr_share traffic_source feedref wpisrc wpmk ga_source ga_medium ga_term ga_content ga_campaign ga_place"
    " pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid pk_vid sc_campaign sc_channel sc_content sc_medium"
    " sc_outcome sc_geo sc_country sc_lid sc_cid sc_src sara_ref sara_ecid referringsource unlocked_article_code"
    # sessions
    " phpsessid jsessionid"
)
_TRACKING = frozenset(_NAMES.split())
_PREFIXES = (
    "utm_",
    "piwik_",
    "mtm_",
    "matomo_",
    "hsa_",
    "bsft_",
    "itm_",
    "lmd_",
    "wt.mc_",
    "wt_mc",
    "wt_zmc",
    "__cft__",
    "aspsessionid",
)
_AT = re.compile(
    r"at_(?:medium|campaign|custom\d?|bbc_team|link_\w+|ptr_\w+|format|content|variant|creation|source|recipient_\w+)"
)

_SHOWN = re.compile(
    r"(?:ref|source|src|from|partner|emc|cid|via|origin|medium|cmp|maca|sc_src|channel|xtmc)"
    r"=(?:rss|feed|atom|rssfeed|[a-z]{2}-rss)\d?(?:[-_].*)?"
    r"|ref=(?:[a-z0-9-]+\.)+[a-z]{2,12}"  # the site a reader came from
    r"|(?:sid|sessionid|session_id)=[0-9a-f]{32,}"
    r"|spm=[a-z0-9_-]+(?:\.[a-z0-9_-]+){2,}"
    r"|amp(?:=(?:1|true|amp)?)?|outputtype=amp",
    re.IGNORECASE,
)
"""Parameters with a value that leaves no doubt."""

_HOSTS = {
    "theguardian.com": "cmp",
    "dailymail.co.uk metro.co.uk thisismoney.co.uk": "ito ns_mchannel",
    "nytimes.com": "smid smtyp partner emc ref searchresultposition",
    "washingtonpost.com": "itid tid",
    "bloomberg.com": "srnd sref leadsource",
    "wsj.com marketwatch.com barrons.com": "mod reflink",
    "ft.com": "segmentid sharetype",
    "reuters.com": "feedtype feedname rpc virtualbrandchannel taid",
    "bbc.com bbc.co.uk": "ocid ns_fee xtor",
    "msn.com": "ocid cvid ei pc",
    "dw.com": "maca",
    "medium.com": "source gi sk",
    "substack.com": "r isfreemail triedredirect triedsigningin showwelcomeonshare",
    "twitter.com x.com": "s t ref_src",
    "youtube.com youtu.be": "feature si pp ab_channel",
    "spotify.com": "si",
    "reddit.com": "share_id ref_source rdt ref",
    "linkedin.com": "trk trackingid refid lipi",
    "tiktok.com": "is_from_webapp sender_device _t _r",
    "cnn.com": "iref hpt",
    "yahoo.com": "tsrc .tsrc",
    "techcrunch.com": "tpcc",
    "wired.com newyorker.com vogue.com vanityfair.com gq.com": "mbid bxid cndid esrc",
}
_ON_HOSTS = {host: frozenset(names.split()) for hosts, names in _HOSTS.items() for host in hosts.split()}
_NONE: frozenset[str] = frozenset()


def is_tracking(parameter: str, host: str) -> bool:
    """Whether this `name=value` says nothing of what is read at this host."""
    name = parameter.split("=", 1)[0].lower()
    if name in _TRACKING or name.startswith(_PREFIXES) or _SHOWN.fullmatch(parameter) or _AT.fullmatch(name):
        return True
    return bool(name) and name in _of_host(host)


def _of_host(host: str) -> frozenset[str]:
    parts = host.split(".")
    return next((found for at in range(len(parts) - 1) if (found := _ON_HOSTS.get(".".join(parts[at:])))), _NONE)
