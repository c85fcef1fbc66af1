"""Which lines of a saved page are not its text: rules over one line, in Arabic, English and the larger languages.

Each rule answers with the reason a person reads, or "". Where a line stands (head, tail) is the caller's to say: a section
word is boilerplate above the headline and may be a heading below it. Rules look at form (a credit, a counter, a marker),
not at what one site writes.
"""

import re

_PHOTO = (
    r"(?:ال)?صور[ةه]|تصوير|photos?|image|picture|pic|credit|photo credit|foto|bild|imagen|fotoğraf|фото|ảnh|图片?|图|摄|写真"
)
_CREDIT_AT_END = re.compile(
    rf"[(\[（【]\s*(?:{_PHOTO})\s*(?:[:：/–—-]|by|من|بواسطة)[^()\[\]（）【】]{{1,80}}[)\]）】]\s*\|?\s*$", re.IGNORECASE
)
_CAPTION_LABEL = re.compile(
    rf"^[(\[]?\s*(?:{_PHOTO}|(?:تعليق|شرح) (?:على )?الصور[ةه]|صور[ةه] (?:ارشيفية|أرشيفية|من الارشيف|تعبيرية)|caption|legend)\s*"
    r"(?:[:：|]|by\b|courtesy|/)",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"^(?:©|\(c\))?\s*(?:AFP|AP|Reuters|Getty Images|EPA|رويترز|أ\s?ف\s?ب|غيتي)(?:\s*[/|-].{0,40})?$", re.IGNORECASE
)
_AD = re.compile(
    r"^[\[(<*\s-]*(?:إعلان(?:ات)?|اعلان(?:ات)?|مساحة إعلانية|advertisement|advertisements|ads?"
    r"|sponsored(?: content)?|publicité|publicidad"
    r"|anzeige|werbung|pubblicità|реклама|reklam|广告|廣告|iklan|quảng cáo)(?:\s+(?:رقم|no\.?|number"
    r"|#))?\s*[:#]?\s*[\d٠-٩]*[\])>*\s-]*$",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"^[(\[]?\s*(?:[\d٠-٩,.]+\s*)?[(\[]?\s*(?:(?:ال)?تعليق(?:ات)?|(?:ال)?مشاهد(?:ة|ات)|(?:ال)?مشاركات?"
    r"|(?:ال)?قراءات?|comments?|views?|shares?|likes?"
    r"|commentaires?|comentarios?|kommentare?|комментари\w*|просмотр\w*|yorum|评论"
    r"|bình luận)\s*[:：]?\s*[(\[]?\s*[\d٠-٩,.]*\s*k?\s*[)\]]?$",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"^[\s•|»›>-]*(?:أضف تعليق(?:ا|اً)?|اترك تعليق(?:ا|اً)?|شارك(?: (?:المقال|الخبر|هذا الخبر|الصفحة"
    r"|على .{2,20}))?|مشاركة|طباعة|نسخ الرابط|حفظ|استمع"
    r"|تابعنا(?: على .{2,40})?|اشترك(?: (?:الآن|في .{2,40}))?|اقرأ (?:المزيد|أيضا?ً?|ايضا)|مواضيع (?:ذات صلة"
    r"|متعلقة)|أخبار ذات صلة"
    r"|leave a (?:comment|reply)|add a comment|share(?: (?:this|on|via)(?: .{2,20})?)?|print|tweet|email|copy link|save|listen"
    r"|facebook|twitter|whatsapp|telegram|linkedin|x|follow us(?: on .{2,40})?|subscribe(?: now)?"
    r"|sign up(?: .{2,40})?|log ?in|read more"
    r"|related (?:articles?|stories|news|topics)|see also|back to top|menu|search|skip to (?:main )?content"
    r"|partager|imprimer|compartir"
    r"|imprimir|teilen|drucken|поделиться|分享|打印|chia sẻ)\s*[:：…]?[\s»›>|]*$",
    re.IGNORECASE,
)
_READ_ALSO = re.compile(
    r"^[\s•»>-]*(?:اقرأ(?:وا)? (?:أيضا?ً?|ايضا)|إقرأ أيضا?ً?|طالع أيضا?ً?|read (?:also|more"
    r"|next)|see also|lire aussi|lea también|читайте также)\s*[:：|-]",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"(?:^|\s)(?:©|\(c\)\s|copyright\b|all rights reserved|(?:جميع|كافة|كل) الحقوق محفوظ[ةه]|حقوق النشر|tous droits réservés"
    r"|todos los derechos reservados|alle rechte vorbehalten|все права защищены|版权所有)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^(?:للمزيد|لمزيد|للاتصال|للتواصل|للاستفسار|للتواصل الإعلامي|جهات? الاتصال|الاتصال الإعلامي"
    r"|يرجى (?:الاتصال|التواصل)|for (?:more|further|additional|media|press)"
    r"|(?:media|press) (?:contacts?|enquir|inquir)|contacts?\b|please contact|to learn more|pour (?:plus|tout)"
    r"|para más|kontakt|контакт)",
    re.IGNORECASE,
)
_REACHABLE = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+|(?:\+|00)\d[\d\s().-]{6,}\d|(?:tel|phone|هاتف|ت)\s*[.:]\s*[\d+]", re.IGNORECASE
)
_SECTION_NAMES = (
    "أخبار|الأخبار|اخبار|الاخبار|خبر|محلي|محلية|محليات|عاجل|دولي|دولية|دوليات|عربي|عربية|العالم|عالمي|عالمية"
    "|سياسة|اقتصاد|مجتمع|رياضة|ثقافة|تقارير|تقرير|مقالات|مقال"
    "|رأي|آراء|بيان صحفي|بيانات صحفية|بيان|قصص|قصة|فيديو|صور|الرئيسية|الصفحة الرئيسية|آخر الأخبار|أخبار محلية"
    "|أخبار عالمية|حقوق الإنسان|المهاجرون واللاجئون"
    "|news|local|global|world|international|national|regional|politics|economy|business|society|culture|opinion"
    "|analysis|feature|features|story|stories"
    "|press release|press releases|statement|statements|speech|video|photos|home|latest|latest news|breaking"
    "|breaking news|media|blog|article|articles"
    "|actualités|actualité|communiqué de presse|accueil|monde|noticias|inicio|mundo|comunicado de prensa"
    "|nachrichten|startseite|pressemitteilung|новости|главная"
    "|haberler|tin tức|新闻|新聞|要闻|首页|ニュース"
)
_SECTIONS = frozenset(_SECTION_NAMES.split("|"))
_CRUMBS = re.compile(r"\s*[>»›/|\\←]\s*")
_NOTHING = re.compile(r"^[\W_]*$")
_LONGEST_CAPTION = 400
_LONGEST_NOTICE = 300


def anywhere(line: str) -> str:
    """Why this line is no part of a text wherever it stands, or ""."""
    if _NOTHING.match(line):
        return "no words"
    if _AD.match(line):
        return "advertisement marker"
    if _COUNTER.match(line):
        return "counter"
    if len(line) <= _LONGEST_CAPTION and (_CREDIT_AT_END.search(line) or _CAPTION_LABEL.match(line) or _AGENCY.match(line)):
        return "photo caption or credit"
    if _BUTTON.match(line):
        return "button"
    if len(line) <= _LONGEST_NOTICE and _READ_ALSO.match(line):
        return "link to another text"
    return ""


def in_head(line: str) -> str:
    """Why this line, standing above the headline, is no part of the text, or ""."""
    crumbs = [crumb.strip(" :#").casefold() for crumb in _CRUMBS.split(line.strip()) if crumb.strip()]
    if crumbs and all(crumb in _SECTIONS for crumb in crumbs):
        return "section name"
    if len(crumbs) > 2 and crumbs[0] in _SECTIONS and max(len(crumb.split()) for crumb in crumbs[:-1]) <= 4:
        return "breadcrumbs"
    return ""


def in_tail(line: str) -> str:
    """Why this line, among the last ones, is no part of the text, or ""."""
    if len(line) > _LONGEST_NOTICE:
        return ""
    if _CONTACT.match(line) and _REACHABLE.search(line):
        return "press contact"
    if _RIGHTS.search(line):
        return "copyright notice"
    if line.strip("*#-_ ").casefold() in {"ends", "end", "انتهى", "###", "fin"}:
        return "end mark"
    return ""
