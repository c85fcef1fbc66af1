"""The names of months, wide and short, as the Unicode CLDR has them for some 80 languages, and as feeds write them besides.

A word that names different months in different languages (`listopad`) is left out. Hijri months are left out too: which day
begins one depends on who looks at the moon. Made from the tables of Babel.
"""

_NAMES = (
    (
        "ean eanáir ene enero faoi gen gener gennaio genver hān hānuere ian ianuarie ion ionawr jaan jaanuar jan janaayo "
        "janairu janar janeiro jannaayo jannar janoary januar januari januarie january januwari január januára janv janvier "
        "janvāris janyuwari janúar led leden ledna mut mutarama ndi ndira nzero oca ocak rbn rêbendan sam samwiyee saus "
        "sausio sausis sii siilo sij siječanj siječnja sty styczeń stycznia sān sānuali tammi tammikuu tammikuuta urt "
        "urtarrila xan xaneiro yan yanvar ýan ýanwar ιαν ιανουάριος ιανουαρίου гыйн гыйнвар сту студзень студзеня січ січень "
        "січня янв январ январь января яну януари јан јануар јануари қаң қаңтар հնվ հունվար հունվարի ינואר ינו׳ جانفي جنو "
        "جنوري جنوری يانۋار يناير ژانویه ژانویهٔ जनवरी जन॰ जाने जानेवारी জানু জানুয়ারী জানুৱাৰী ਜਨ ਜਨਵਰੀ જાન્યુ જાન્યુઆરી "
        "ଜାନୁଆରୀ ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ ജനു ജനുവരി ජන ජනවාරි มกราคม ມັງກອນ ဇန် ဇန်နဝါရီ იან იანვარი ጃን ጃንዋሪ មករា"
    ),
    (
        "chw chwef chwefror col colte cʼhwe cʼhwevrer fab faburairu fbl feabh feabhra feb febbraio febr febraayo febreiro "
        "febrer febrero febroary februar februari februarie february februwari február februára februāris febrúar fev "
        "fevereiro fevr fevral fevrier few fewral fewriyee fra frar fév févr février fēp fēpueli gas gashyantare gearr helmi "
        "helmikuu helmikuuta kuk kukadzi lut lutego luty ots otsaila peb pebrero pēp pēpuere ruhuhuma sbt shk shkurt sibat "
        "vas vasario vasaris veebr veebruar velj veljača veljače úno únor února şub şubat φεβ φεβρουάριος φεβρουαρίου ақп "
        "ақпан лют лютага лютий лютого люты феб фебруар фев февр феврал февраль февраля февруари փետրվար փետրվարի փտվ פברואר "
        "פבר׳ شباط شوبات فبراير فبروري فبروری فروری فوریه فوریهٔ فيبروري فيفري فېبروري فېۋرال फ़रवरी फ़र॰ फेब्रु फेब्रुअरी "
        "फेब्रुवारी ফেব ফেব্রুয়ারী ফেব্ৰু ফেব্ৰুৱাৰী ਫ਼ਰ ਫ਼ਰਵਰੀ ફેબ્રુ ફેબ્રુઆરી ଫେବୃଆରୀ பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ "
        "ಫೆಬ್ರವರಿ ഫെബ്രു ഫെബ്രുവരി පෙබ පෙබරවාරි กุมภาพันธ์ ກຸມພາ ဖေ ဖေဖော်ဝါရီ თებ თებერვალი ፌብ ፌብሩዋሪ កុម្ភៈ"
    ),
    (
        "adar adr bře březen března kov kovas kovo kur kurume maalis maaliskuu maaliskuuta maarso maart mac machi maerz mar "
        "marca march marec maret maris mars marso mart martie marts martsa martxoa marzec marzo marzu març março mas mashi "
        "matshi maw mawrth maʻa maʻasi mbo mbooy meur meurzh mrt msi màrt márc március márta mäe mäerz mär märts märz māe "
        "māehe ntwarante ožu ožujak ožujka wer werurwe μάρ μάρτιος μαρ μαρτίου бер березень березня мар март марта нау "
        "наурыз сак сакавік сакавіка մարտ մարտի մրտ מרץ آذار ئازار اذار مارت مارس مارچ मार्च মার্চ মাৰ্চ ਮਾਰਚ માર્ચ ମାର୍ଚ୍ଚ "
        "மார் மார்ச் మార్చి ಮಾರ್ಚ್ മാർ മാർച്ച് මාර් මාර්තු มีนาคม ມີນາ မတ် მარ მარტი ማርች មីនា"
    ),
    (
        "abr abriil abril abrëll afi afirilu aib aibreán api apirila apl apr aprel april aprile aprili aprilie aprill aprily "
        "apríl apríla aprīlis avr avril awr awril bal balandis balandžio dub duben dubna d’abr d’abril ebr ebrel ebrill eph "
        "ephreli epr epreli gibl huhti huhtikuu huhtikuuta kub kubvumbi kwi kwiecień kwietnia mata ndamukiza nis nisan nsn "
        "nîsan pri prill see seeɗto tra travanj travnja ápr április āpe āpereira āperira ʻepe ʻepeleli απρ απρίλιος απριλίου "
        "апр апрел апрель апреля април квіт квітень квітня кра красавік красавіка сәу сәуір ապր ապրիլ ապրիլի אפריל אפר׳ "
        "آوریل أبريل أفريل إبريل ئاپرېل ابريل افريل اوریل اپريل اپریل نيسان نیسان अप्रिल अप्रैल एप्रि एप्रिल এপ্রি এপ্রিল "
        "এপ্ৰিল ਅਪ੍ਰੈ ਅਪ੍ਰੈਲ એપ્રિલ ଅପ୍ରେଲ ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ ಏಪ್ರಿ ಏಪ್ರಿಲ್ ഏപ്രി ഏപ്രിൽ අප්‍රේල් เมษายน ເມສາ ဧ ဧပြီ "
        "აპრ აპრილი ኤፕሪ ኤፕሪል មេសា"
    ),
    (
        "beal bealtaine chivabvu chv cèit duu duujal geg gegužė gegužės gic gicurasi gln gulan kvě květen května maayo mae "
        "mag maggio mai maiatza maig maijs maio maj maja may mayo mayu mayıs maí maý mee mei mej mejju mey meyi máj mája "
        "május rusama svi svibanj svibnja touko toukokuu toukokuuta μάι μάιος μαΐ μαΐου май мам мамыр мая мај трав травень "
        "травня մայիս մայիսի մյս מאי أيار ئایار ايار مئي مئی ماي مايو مه مهٔ می مۍ मई मे মে মে’ ਮਈ મે ମଇ மே మే ಮೇ മേയ് මැයි "
        "พฤษภาคม ພຶດສະພາ မေ მაი მაისი ሜይ ឧសភា"
    ),
    (
        "birž birželio birželis chikumi chk cze czerwca czerwiec eka ekaina giu giugno haz haziran hezîran hun hune hunyo "
        "hzr iun iunie iyn iyun iýun jon jona juin jun june junho juni junie junij junio juny juun juuni jún júna június "
        "júní jūn jūnijs kam kamena kesä kesäkuu kesäkuuta kor korse lipanj lipnja meh mehefin meith meitheamh mezh mezheven "
        "qer qershor ruheshi sun sune suw suwe xuño yun yuni ògmh červen června čvn ġun ġunju ιουν ιουνίου ιούν ιούνιος июн "
        "июнь июня мау маусым черв червень червня чэр чэрвень чэрвеня юни јун јуни հնս հունիս հունիսի יוני ئىيۇن جوان جون "
        "حزيران حوزەیران يونيه يونيو ژوئن जुन जून জুন ਜੂਨ જૂન ଜୁନ ஜூன் జూన్ ಜೂನ್ ജൂൺ ජූනි มิถุนายน ມິຖຸນາ ဇွန် ივნ ივნისი ጁን "
        "មិថុនា"
    ),
    (
        "chg chikunguru gor gorff gorffennaf goue gouere heinä heinäkuu heinäkuuta hul hulyo hūr hūrae iuch iul iulie iyl "
        "iyul iúil iýul jolay juil juillet jul julai julayi julho juli julie julij julio juliol july juuli júl júla július "
        "júlí jūl jūlijs korr korrik liep liepa liepos lipca lipiec lug luglio lul lulju luulyo mor morso mukakaro siu "
        "siulai srpanj srpnja sul sulet tem temmuz trm tîrmeh uzt uztaila xul xullo yul yuli července červenec čvc ιουλ "
        "ιουλίου ιούλ ιούλιος июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јули հլս հուլիս հուլիսի "
        "יולי ئىيۇل تموز تەمووز جول جولاءِ جولائی جولای جويلية يوليه يوليو يوليوز ژوئیه ژوئیهٔ जुलाई जुलै जुल॰ জুল জুলাই "
        "ਜੁਲਾ ਜੁਲਾਈ જુલાઈ ଜୁଲାଇ ஜூலை జులై ಜುಲೈ ജൂലൈ ජූලි กรกฎาคม ກໍລະກົດ ဇူ ဇူလိုင် ივლ ივლისი ጁላይ កក្កដា"
    ),
    (
        "abu abuztua aga agasti ago agost agosti agosto agt agu agusta agustus aog aogositra aout août aug august augusta "
        "augusti augusts augustus augusztus avg avgust avq avqust awg awgust awst aww awwissu ağu ağustos d’ag d’agost elo "
        "elokuu elokuuta eost gush gusht juk juko kan kanama kol kolovoz kolovoza lùna lún lúnasa nyamavhuvhu nyandagaro ogo "
        "ogos ogosto ogs rugp rugpjūtis rugpjūčio sie sierpień sierpnia srpen srpna tbx tebax ágú ágúst āku ākuhata ʻaok "
        "ʻaokosi αυγ αυγούστου αύγ αύγουστος авг август августа жні жнівень жніўня серп серпень серпня там тамыз օգոստոս "
        "օգոստոսի օգս אוגוסט אוג׳ آب آگسٽ أغسطس أغشت أوت ئاب ئاۋغۇست اب اغسطس اوت اګست اگست غشت अगस्ट अगस्त अग॰ ऑग ऑगस्ट আগ "
        "আগষ্ট আগস্ট ਅਗ ਅਗਸਤ ઑગસ્ટ ଅଗଷ୍ଟ ஆக ஆகஸ்ட் ఆగ ఆగస్టు ಆಗ ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് අගෝ අගෝස්තු สิงหาคม ສິງຫາ ဩ ဩဂုတ် აგვ "
        "აგვისტო ኦገስ ኦገስት សីហា"
    ),
    (
        "eyl eylül gun gunyana gwen gwengolo hep hepetema ira iraila medi mfómh nze nzeri rugs rugsėjis rugsėjo ruj rujan "
        "rujna sat satumba seb sebteembar sebtembar sen sentabr sentyabr sentýabr sep sepitema sept septambra septemba "
        "septembar september septembra septembre septembrie septembris septhemba septiembre set setembre setembro setiembre "
        "settembre settembru setyembre sht shtator siilto slt stb sult syys syyskuu syyskuuta szept szeptember sàt sàttumbar "
        "sēp sēpitema wrz wrzesień września zář září îln îlon σεπ σεπτέμβριος σεπτεμβρίου вер верасень верасня вересень "
        "вересня сен сент сентябр сентябрь сентября сеп септембар септември қыр қыркүйек սեպ սեպտեմբեր սեպտեմբերի ספטמבר "
        "ספט׳ أيلول ئەیلوول ايلول سبتمبر ستمبر سيپٽمبر سپتامبر سپتمبر سېنتەبىر سېپتمبر شتمبر شتنبر सप्टें सप्टेंबर सितंबर "
        "सित॰ सेप्टेम्बर ছেপ্তে ছেপ্তেম্বৰ সেপ সেপ্টেম্বর ਸਤੰ ਸਤੰਬਰ સપ્ટે સપ્ટેમ્બર ସେପ୍ଟେମ୍ବର செப் செப்டம்பர் సెప్టెం "
        "సెప్టెంబర్ ಸೆಪ್ಟೆಂ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ සැප් සැප්තැම්බර් กันยายน ກັນຍາ စက် စက်တင်ဘာ სექ სექტემბერი ሴፕቴ "
        "ሴፕቴምበር កញ្ញា"
    ),
    (
        "cot cotmeh dfómh dàmh d’oct d’octubre eki ekim gitugutu gum gumiguru here hyd hydref loka lokakuu lokakuuta oct "
        "october octobre octombrie octubre oke oketopa okt oktabr okthoba okthobha oktoba oktobar oktober oktobra oktobris "
        "oktoobar oktoober oktubre oktyabr október októbra oktýabr ott ottobre ottubru out outubro paź październik "
        "października spal spalio spalis tet tetor ukw ukwakira urr urria yar yarkomaa říj říjen října ɔtb ʻoka ʻokatopa οκτ "
        "οκτωβρίου οκτώβριος жовт жовтень жовтня кас кастрычнік кастрычніка окт октобар октомври октябр октябрь октября қаз "
        "қазан հոկ հոկտեմբեր հոկտեմբերի אוקטובר אוק׳ آڪٽوبر أكتوبر ئۆكتەبىر اكتوبر اکتبر اکتوبر अक्टूबर अक्टू॰ अक्टोबर ऑक्टो "
        "ऑक्टोबर অক্টো অক্টোবর অক্টোবৰ ਅਕਤੂ ਅਕਤੂਬਰ ઑક્ટો ઑક્ટોબર ଅକ୍ଟୋବର அக் அக்டோபர் అక్టో అక్టోబర్ ಅಕ್ಟೋ ಅಕ್ಟೋಬರ್ ഒക്ടോ "
        "ඔක් ඔක්තෝබර් ตุลาคม ຕຸລາ အောက် အောက်တိုဘာ ოქტ ოქტომბერი ኦክቶ ኦክቶበር តុលា"
    ),
    (
        "aza azaroa jolal kas kasım lapkr lapkritis lapkričio listopadu marras marraskuu marraskuuta mbu mbudzi mijdar mjd "
        "munyonyo nob nobyembre noe noema nof noiembrie noofeembar nov novambra novemba novembar november novembra novembre "
        "novembris novembro novembru noviembre now nowàmbar noy noyabr noý noýabr nuw nuwamba nvb nën nëntor nóv nóvember "
        "nōv nōvema samh samhain stu studeni studenoga tach tachwedd ugu ugushyingo νοέ νοέμβριος νοε νοεμβρίου лист "
        "листопад листопада ліс лістапад лістапада нов новембар ное ноември ноя нояб ноябр ноябрь ноября қар қараша նոյ "
        "նոյեմբեր նոյեմբերի נובמבר נוב׳ نوامبر نوفمبر نومبر نونبر نويابىر नवंबर नव॰ नोभेम्बर नोव्हें नोव्हेंबर নভে নভেম্বর "
        "নৱে নৱেম্বৰ ਨਵੰ ਨਵੰਬਰ નવે નવેમ્બર ନଭେମ୍ବର நவ நவம்பர் నవం నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം നവംബർ නොවැ නොවැම්බර් พฤศจิกายน "
        "ພະຈິກ နို နိုဝင်ဘာ ნოე ნოემბერი ኖቬም ኖቬምበር វិច្ឆិកា"
    ),
    (
        "abe abendua ara aralık berfanbar bow bowte brf dec decembar december decembra decembre decembrie decembris decembro "
        "dek dekabr des desambra desemba desember desembre desàmbar dets detsember dez dezember dezembro dhj dhjetor dic "
        "dicembre diciembre dis disamba diseembar disemba disember disyembre diċ diċembru dsb déc décembre dùbh gru grudnia "
        "grudzień gruod gruodis gruodžio joulu joulukuu joulukuuta kerzu kigarama kzu noll nollaig pro prosinac prosinca "
        "prosince prosinec rhag rhagfyr tīh tīhema tīs tīsema uku ukuboza zvi zvita δεκ δεκέμβριος δεκεμβρίου груд грудень "
        "грудня дек декабр декабрь декабря декември дец децембар жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի "
        "דצמבר דצמ׳ دجمبر دجنبر دسامبر دسم دسمبر ديسمبر دېكابىر ڊسمبر डिसें डिसेंबर डिसेम्बर दिसंबर दिस॰ ডিচে ডিচেম্বৰ ডিসে "
        "ডিসেম্বর ਦਸੰ ਦਸੰਬਰ ડિસે ડિસેમ્બર ଡିସେମ୍ବର டிச டிசம்பர் డిసెం డిసెంబర్ ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ දෙසැ දෙසැම්බර් "
        "ธันวาคม ທັນວາ ဒီ ဒီဇင်ဘာ დეკ დეკემბერი ዲሴም ዲሴምበር ធ្នូ"
    ),
)

MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
"""The number of the month by its name, in lower case and NFC."""
