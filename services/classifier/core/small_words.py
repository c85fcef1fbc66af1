"""Words that tell no event from another: the small words of the larger languages, days of the week, numerals."""

from shared.text import normalise

_WORDS = """
    after also amid and are been but for from has have her his how its more new not over said say says that than the their
    them they this was were what when where which who will with would into about against before between during under aux
    avec ces cette comme dans des elle est été les leur mais nous par pas plus pour que qui sans ses son sont sur une vers
    après como con contra del desde donde entre esta este las los más para pero por que según sin sobre sus tras una uno
    com das dos ele ela entre mais não nas nos para pela pelo por que seu sua são também uma alla anche che come con dal
    dalla degli dei del della delle gli nel nella non per più sono sul sulla tra una als am auf aus bei bis das dem den
    der des die ein eine einem einen einer für gegen hat ist mit nach nicht oder sich sind über und von vor war werden wie
    wird zum zur bir bu da daha de için ile olan olarak sonra ve çok gibi göre dan dari dengan di ini itu kepada oleh pada
    untuk yang akan telah para dalam sebagai các cho của được đã là một này người những trong và với ya wa na kwa katika
    ni la za cha vya kuwa hiyo huo baada без был была были было для его если как когда который которые на над не об от под
    после при про что это чтобы также более из их по від для його про що як із та при після في من الى علي عن مع ان انه هذا
    هذه ذلك التي الذي الذين كان كانت قد ما لا لم لن بعد قبل بين خلال حول كما او ثم حتي منذ عند اي وقد الي قال قالت اعلن
    اعلنت اكد اكدت اضاف اضافت اوضح يوم اليوم امس از در به که را با این آن است برای بر تا شد شده می های هم نيز يا كه براي
    کے کی کا میں سے نے ہے ہیں کو پر اور یہ وہ اس ان بھی ones two three four five six seven eight nine ten hundred thousand
    year years day days week month months today yesterday people monday tuesday wednesday thursday friday saturday sunday
    lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo montag
    dienstag mittwoch donnerstag freitag samstag sonntag понедельник вторник среду четверг пятницу субботу воскресенье
    года году лет hari satu dua tiga selama tahun orang bulan rabu senin selasa kamis jumat sabtu minggu الاثنين الثلاثاء
    الاربعاء الخميس الجمعه السبت الاحد عام سنه شهر اول ثلاثه اربعه خمسه سته سبعه عشر عشره واحد دوشنبه چهارشنبه روز سال یک
    دو سه نفر के की का में से ने है हैं को पर और यह वह इस भी कि लिए
"""

SMALL = frozenset(normalise(_WORDS).split())
