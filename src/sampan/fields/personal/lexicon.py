"""What names are made of: those of people, with their titles, and those of places in Hong Kong."""

from __future__ import annotations

from functools import cache
from importlib import import_module

TITLES = frozenset(
    (
        "mr mrs ms miss mx dr prof professor master rev sir dame lady lord capt major madam mdm mme mlle "
        "herr frau datuk dato"
    ).split()
)
"""Words before a name, without a full stop."""

HAN_TITLES = tuple(
    "先生 小姐 女士 太太 夫人 醫生 医生 教授 律師 律师 老師 老师 師傅 师傅 經理 经理 生 太 小姐".split()
)
"""Words after a Chinese name, the longer ones first."""

DOUBLE = frozenset(
    (
        "歐陽 欧阳 司徒 上官 諸葛 诸葛 司馬 司马 東方 东方 皇甫 尉遲 尉迟 公孫 公孙 慕容 令狐 夏侯 "
        "端木 軒轅 轩辕 西門 西门 南宮 南宫 東郭 东郭 鍾離 钟离 宇文 長孫 长孙 張簡 范姜"
    ).split()
)
"""Chinese surnames of two characters."""

_SURNAMES = (
    "王李張张劉刘陳陈楊杨趙赵黃黄周吳吴徐孫孙胡朱高林何郭馬马羅罗梁宋鄭郑謝谢韓韩唐馮冯于董蕭萧程曹袁鄧邓"
    "許许傅沈 曾彭呂吕蘇苏盧卢蔣蒋蔡賈贾丁魏薛葉叶閻阎余潘杜戴夏鍾钟鐘汪田任姜范方石姚譚谭廖鄒邹熊金陸陆"
    "郝孔白崔康毛邱秦江史顧顾侯邵孟龍龙萬万段雷錢钱湯汤尹黎易常武喬乔賀贺賴赖龔龚文莫麥麦甘區区歐欧柯施葛"
    "伍簡简關关岑冼翁霍鄺邝倫伦游詹洪溫温莊庄連连倪聶聂翟阮符卓尤嚴严牛樊殷申路畢毕苗俞章舒辛季古齊齐單单"
    "駱骆凌管左成焦柴梅盛童祝車车房容鮑鲍屈卜巫勞劳談谈植佘佟涂靳祁塗粟耿包裴席蒙仇項项費费藍蓝解應应宗向"
    "楚明尚閔闵"
)
_GIVEN = (
    "明偉伟芳娜敏靜静麗丽強强磊軍军洋勇豔艳傑杰娟濤涛超霞平剛刚桂英華华建國国文志輝辉玲玉蘭兰紅红梅琴雲云"
    "飛飞鵬鹏 宇浩軒轩怡婷雅雪欣佳嘉琪慧穎颖潔洁珊珍美惠淑芬貞贞秀鳳凤君如俊宏豪家健仁義义忠孝信德榮荣富"
    "貴贵福祥瑞安康寧宁永恒恆思詩诗詠咏雯琳瑤瑶瑜倩彤曉晓小大子梓澤泽涵博晨晴天樂乐朗謙谦智睿哲恩恵賢贤良"
    "善誠诚啟启振興兴光耀耿達达業业成功銘铭鋒锋鑫金銀银水木森林炎焱坤培城基堅坚海江河波清源深淵渊泉沛潤润"
    "春夏秋冬陽阳星月辰旭昊昌昕景暉晖山峰岩嵐岚松柏竹菊荷蓮莲蓉萍芝芷蕾薇莉菲苑若凱凯翔羽翰駿骏龍龙虎燕鶴"
    "鹤一二三少兆世元正東东南北中立本初章祖宗繼继承先廷儀仪儒倫伦伯仲叔季孟維维綺绮綠绿緯纬經经綱纲紫妍姍"
    "姗姿娥婉婕媛嫻娴嬌娇嫣珮佩珠珏琦琛琬瑄璇璐愛爱心念悅悦惟愉情意憶忆懿可卓向吉同和品喜囡圓圆均采彩影彬"
    "彥彦律徽徵千升卉卿勤勝胜力勳勋化匡冠凡凌冰凝兒儿允克全典其具利則则劍剑民汝汶沁沅泓泰洪流浚浠涓淇淳湘"
    "溢溪滔漢汉澄濱滨瀚煒炜煌煜照燁烨熙燊爵生田申畅暢皓盈真睦碧磬礼禮祈祐禧科程穗筠筱簡约紹绍結统聖圣聰聪"
    "肇育胤臻舒艺藝芸茵茹莎莹瑩萱葵蒨蔚蕙行裕西言誼谊諾诺讓让豐丰貝贝賜赐越辛迪通進进逸運运道遠远郁鄉醒鈞"
    "钧鈴铃錦锦鎮镇鏡镜長长門开闊阔雄霖霆青韻韵順顺頌颂頤颐顏颜風风香馨驊骅高魁鳴鸣麒麟黛齊齐雁寶宝宜定宛"
    "宣容寅尚展岳峻崇川州帆帥帅希常年幸庭廉延弘張弦伊依侃侑俐倚傲傳儷俪亦亨亮亭仙仕以任企佑作來兢捷揚扬攸"
    "政效敦斌斐新方施日早昂昇昭時时晏普書书有朋服望朝杏桃桐梁棋棠楚楠榆標标樟樺桦樹树權权欽钦歌武殷毅比毓"
    "沙治法泳洛津添游煊煥焕牧特獻献王玟玫理環环甄甜甫用由"
)

_CANTONESE = (
    "chan cheung wong lee li lam leung ho ng chow chau cheng kwok tang yip yeung yuen fung tsang tse tsui "
    "lo law lau liu lui ma mak mok mui ngai poon pang pun shum sham siu so szeto sin suen sung ting to tong "
    "tsoi tso wan wat wu woo yau yee yim ying yiu yu yue yung au au-yeung auyeung choi choy chu chui chung "
    "fan fok fu fong hau hon hui hung ip kam kan kong koo ku kwan kwong ko lai lok luk lung man mo ngan pak "
    "pan shek shiu tai tam tin tsim wai wen yick"
)
_ROMANISED = (
    "tan lim ong goh koh teo toh chua chia ang ooi khoo sim soh tay teh yeo yap neo wee quek wang zhang "
    "chen yang zhao huang zhou xu sun zhu gao lin he guo luo liang song zheng xie han feng dong xiao cao "
    "yuan deng shen zeng peng lu su jiang cai jia ding wei xue ye yan du dai xia zhong tian ren fang shi "
    "yao liao zou xiong jin hao bai cui kang mao qiu qin gu hou shao meng long duan lei qian yin chang hsu "
    "hsieh tsai chiu chuang chiang chien hwang kuo yeh tseng shih kao chou cheuk kung kwai ouyang nguyen "
    "kim park"
)
_SYLLABLES = (
    "tai man siu ming ka ling chi ho mei keung wing yan kit fai wai kwok chun hoi kin lok yin sze suk fan "
    "pui shan hiu tung wah kam fung yuk lan sau chu choi tsz him ching lam yi kei cheuk hin yat pak kwan "
    "lung hang chung kai yiu po wan kuen shing tak sum mun ngai oi lai sin yu hei long kwong cheong ying "
    "nga shuk mau hung shun"
)

_YOUNG = (
    "isla ava mia aria luna ella layla nora hazel aurora maya leah willow poppy freya evie ivy elsie "
    "florence sienna rosie matilda daisy phoebe harriet maisie imogen thea arlo noah liam mason jayden "
    "aiden logan jaxon finley archie alfie theo teddy tommy freddie hugo oscar reggie rory jude finn ezra "
    "milo asher leo kai zayn muhammad mohammed mohamed ahmed ali fatima aisha omar yusuf ibrahim hassan "
    "priya raj anjali arjun wei xin jia hui mei ling jun hao yan yuki haruto sakura sofia mateo santiago "
    "valentina camila diego lucia pablo chloe zoe lily ruby amelia olivia emma harper evelyn abigail "
    "scarlett madison penelope riley nova stella kelvin calvin winnie vivian fiona karen jacky ricky eddie "
    "andy tony kenny ivan jason janice carmen cherry joyce mandy wendy queenie yvonne bonnie candy eva gigi "
    "iris kitty"
)
"""First names that are borne today and that Faker's lists lack."""

_SOUTHERN_GIVEN = (
    # Malay and Indonesian
    "ahmad nurul siti farah aiman izzah hafiz syafiq aisyah zulkifli rosmah nur noor nor mohd abdul "
    "abdullah azman azlan aziz azizah faizal fauzi fadzil haziq hakim halim hamid hanif hasnah iskandar "
    "ismail izwan jamal jamilah kamal kamaruddin khairul khadijah latifah mahmud maimunah mariam mazlan "
    "najib nazri norhayati norazlina rahim rahman razak ridzuan rosli roslan rohani safiah salleh salmah "
    "samsul shahril shafiq suhaimi sulaiman syed syahirah syarifah taufik wan yusof yusuf zainab zainal "
    "zaleha zulkarnain amir amirul anwar arif asmah azhar azura faridah fatimah hidayah idris irfan nadia "
    "nabila rashid umar zakaria agus budi dewi eko fitri joko putri sri wahyu yanto "
    # Filipino
    "jose jonalyn rodrigo arnel rowena efren marites danilo maricel marilou jocelyn rosario lourdes "
    "teresita corazon erlinda remedios josefina felicidad imelda leonora milagros rodolfo reynaldo rolando "
    "romeo renato ernesto eduardo ferdinand fernando gregorio jejomar joselito jun juanito leonardo manuel "
    "noel orlando ramon ronaldo rogelio virgilio wilfredo analyn arlene aileen charito cristina divina edna "
    "emelita evelyn glenda gina herminia jennylyn jhoanna jovelyn juvy lorna luzviminda mylene nenita "
    "ofelia princess rhea rosalinda rowelyn ruel sheryl susana vilma wilma jerome jomar jayson "
    # Indian
    "priya rahul anjali vikram sunita arjun deepika ravi lakshmi sanjay kavita suresh ramesh rajesh mahesh "
    "ganesh dinesh naresh mukesh rakesh amit ankit anil ajay vijay vinod manoj ashok arun kiran kumar nitin "
    "sachin sandeep pradeep prakash rohit rohan sunil vivek vishal varun abhishek aditya akash ashwin "
    "bharat chetan deepak gaurav gopal hari harish hemant jagdish karthik krishna lalit mohan murali naveen "
    "nikhil pankaj pranav raghav rajiv ranjit sameer satish shankar siddharth srinivas subramaniam tarun "
    "uday venkat yash aarti aditi aishwarya ananya archana asha bhavna chitra divya gayatri geeta indira "
    "jaya jyoti kalpana kamala lata madhuri malini manisha meena meera nandini neha nisha padma pallavi "
    "pooja preeti radha rekha renu ritu sangeeta savita seema shalini shanti shilpa shobha shreya smita "
    "sneha sonia sudha sujata sushma swati uma usha vandana vidya gurpreet harpreet jaspreet manpreet "
    "balwinder "
    # Arabic, Thai and Vietnamese
    "abdulrahman khalid khaled mustafa mahmoud hussein hossam tariq walid yasmin layth mariam noura somchai "
    "somsak suchart wichai kanya malee siriporn somying thanawat nattapong anh duc hieu hoang huong lien "
    "linh minh nga ngoc nhung phuong quang quynh thanh thao thuy trang trung tuan tuyet"
)
_SOUTHERN_FAMILY = (
    "dela cruz reyes santos garcia bautista ocampo villanueva ramos aquino mendoza castillo macaraeg "
    "dimaculangan pangilinan magsaysay dizon mercado tolentino manalo salazar soriano valdez pascual "
    "navarro aguilar domingo dumlao evangelista francisco gonzales hernandez ignacio lacson legaspi "
    "macapagal magbanua malonzo marasigan padilla panganiban policarpio quiambao quizon sarmiento sison "
    "tamayo tolentino umali velasco ventura zamora abad abella agustin alcantara alonzo andrada baluyot "
    "batungbakal cabrera calderon catacutan cayabyab cunanan de-guzman del-rosario guzman rosario sharma "
    "patel reddy iyer gupta nair singh krishnamurthy banerjee chatterjee desai menon verma mehta shah joshi "
    "kulkarni deshmukh patil pawar jadhav rao naidu pillai iyengar subramanian ramachandran venkatesan "
    "natarajan srinivasan krishnan raman mukherjee ghosh bose das dutta sengupta chakraborty roy sarkar "
    "biswas mishra tiwari pandey dubey trivedi chaturvedi agarwal aggarwal bansal goyal jain kapoor khanna "
    "malhotra chopra arora ahuja bhatia sethi kaur gill sandhu sidhu dhillon grewal chauhan rathore thakur "
    "yadav bhatt bhat hegde shetty kamath gowda choudhary chowdhury khan hussain sheikh siddiqui ansari "
    "qureshi fernando perera silva jayawardena wickramasinghe gurung tamang thapa shrestha rai limbu magar "
    "nguyen tran pham huynh vu bui dang phan truong duong hoang"
)
"""Names of southern Asia that Faker's lists lack: of Malays, Filipinos, Indians and their neighbours."""

_LOCALES = "en_US en_GB en_IN fr_FR de_DE es_ES it_IT nl_NL pt_BR pl_PL id_ID".split()
_NO_NAMES = frozenset(
    "new port north south east west lake saint st san santa los las el la fort mount the of".split()
)
"""Words that stand in Faker's lists, or beside its names in places, and make no person's name."""


@cache
def surnames() -> frozenset[str]:
    """Chinese surnames of one or two characters, in both scripts."""
    found = set(_SURNAMES) | set(DOUBLE)
    for locale in ("zh_TW", "zh_CN"):
        found |= {str(name) for name in _pool(locale, "last_names")}
    return frozenset(found)


@cache
def japanese() -> frozenset[str]:
    """Japanese surnames of two characters."""
    return frozenset(name for name in _pool("ja_JP", "last_names") if len(name) == 2)


@cache
def given_characters() -> frozenset[str]:
    """Characters that Chinese given names are made of."""
    found = set(_GIVEN)
    for locale in ("zh_TW", "zh_CN"):
        found |= set("".join(_pool(locale, "first_names")))
    return frozenset(found)


@cache
def romanised() -> frozenset[str]:
    """Chinese surnames in Latin letters, lower case: Cantonese, Hokkien, Mandarin."""
    return frozenset((_CANTONESE + " " + _ROMANISED).split())


@cache
def cantonese() -> tuple[str, ...]:
    """The surnames of Hong Kong among them, capitalised."""
    return tuple(word.capitalize() for word in _CANTONESE.split() if word.isalpha())


@cache
def syllables() -> tuple[str, ...]:
    """Syllables of Cantonese given names in Latin letters, capitalised."""
    return tuple(dict.fromkeys(word.capitalize() for word in _SYLLABLES.split()))


@cache
def first_names() -> frozenset[str]:
    """First names of the West and of southern Asia, lower case."""
    found = {name.lower() for locale in _LOCALES for name in _pool(locale, "first_names")}
    return frozenset((found | set(_YOUNG.split()) | set(_SOUTHERN_GIVEN.split())) - _NO_NAMES)


@cache
def last_names() -> frozenset[str]:
    """Last names of the West and of southern Asia, lower case."""
    found = {name.lower() for locale in _LOCALES for name in _pool(locale, "last_names")}
    return frozenset((found | set(_SOUTHERN_FAMILY.split())) - _NO_NAMES)


def _pool(locale: str, what: str) -> list[str]:
    """One of the lists of a Faker locale, as far as it has it."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    return [str(name) for name in getattr(provider, what, ())]


HK_DISTRICTS = tuple(
    (
        "香港中環 香港上環 香港西環 香港灣仔 香港銅鑼灣 香港北角 香港鰂魚涌 香港筲箕灣 香港柴灣 "
        "香港香港仔 香港鴨脷洲 香港薄扶林 香港跑馬地 香港赤柱 九龍尖沙咀 九龍佐敦 九龍油麻地 九龍旺角 "
        "九龍太子 九龍深水埗 九龍長沙灣 九龍荔枝角 九龍石硤尾 九龍九龍塘 九龍何文田 九龍紅磡 "
        "九龍土瓜灣 九龍黃大仙 九龍鑽石山 九龍彩虹 九龍牛頭角 九龍觀塘 九龍藍田 九龍油塘 新界荃灣 "
        "新界葵涌 新界青衣 新界沙田 新界大圍 新界火炭 新界馬鞍山 新界大埔 新界粉嶺 新界上水 新界元朗 "
        "新界天水圍 新界屯門 新界將軍澳 新界西貢 新界東涌"
    ).split()
)
"""Each with the part of Hong Kong that it lies in."""

HK_STREETS = tuple(
    (
        "皇后大道中 皇后大道西 皇后大道東 德輔道中 德輔道西 干諾道中 干諾道西 荷李活道 軒尼詩道 "
        "駱克道 告士打道 謝斐道 莊士敦道 英皇道 渣華道 電氣道 筲箕灣道 柴灣道 香港仔大道 薄扶林道 "
        "般咸道 羅便臣道 堅道 司徒拔道 大坑道 銅鑼灣道 禮頓道 彌敦道 廣東道 加連威老道 柯士甸道 "
        "佐敦道 上海街 新填地街 砵蘭街 西洋菜南街 通菜街 花園街 洗衣街 亞皆老街 太子道西 太子道東 "
        "界限街 荔枝角道 長沙灣道 元州街 福華街 福榮街 大埔道 青山道 窩打老道 漆咸道北 漆咸道南 "
        "馬頭圍道 土瓜灣道 浙江街 譚公道 蒲崗村道 龍翔道 彩虹道 觀塘道 牛頭角道 鴻圖道 開源道 巧明街 "
        "鯉魚門道 青山公路 沙咀道 眾安街 楊屋道 葵涌道 大窩口道 石排街 興芳路 青敬路 沙田正街 "
        "大涌橋路 車公廟路 安心街 源禾路 鞍祿街 西沙路 廣福道 汀角路 安慈路 聯和道 沙頭角公路 新豐路 "
        "龍琛路 元朗大馬路 又新街 朗屏路 天榮路 屯門鄉事會路 青山灣徑 石排頭路 寶琳北路 唐明街 福民路 "
        "達東路"
    ).split()
)
HK_ESTATES = tuple(
    (
        "太古城 康怡花園 杏花邨 海怡半島 置富花園 貝沙灣 寶翠園 碧瑤灣 美孚新邨 黃埔花園 荷李活華庭 "
        "麗港城 匯景花園 淘大花園 德福花園 得寶花園 新蒲崗大廈 星河明居 采頤花園 海逸豪園 半島豪庭 "
        "昇悅居 泓景臺 曼克頓山 沙田第一城 沙田中心 新城市廣場 河畔花園 富豪花園 新港城 銀湖天峰 "
        "海濤居 馬鞍山中心 大埔中心 大埔花園 新達廣場 粉嶺名都 花都廣場 上水中心 嘉湖山莊 新元朗中心 "
        "世宙 朗庭園 YOHO城 屯門市廣場 黃金海岸 大興花園 新屯門中心 兆康苑 荃灣中心 愉景新城 荃灣廣場 "
        "海濱花園 綠楊新邨 葵涌邨 葵芳邨 青衣城 盈翠半島 灝景灣 藍澄灣 將軍澳中心 新都城 東港城 "
        "維景灣畔 都會駅 日出康城 映灣園 東堤灣畔 愉景灣 彩虹邨 坪石邨 牛頭角上邨 順利邨 慈雲山邨 "
        "黃大仙下邨 樂富邨 愛民邨 何文田邨 南昌邨 蘇屋邨 石硤尾邨 華富邨 漁灣邨 興華邨 耀東邨 沙角邨 "
        "瀝源邨 禾輋邨 大元邨 富善邨 祥華邨 彩園邨 天瑞邨 天耀邨 良景邨 大興邨 友愛邨"
    ).split()
)
HK_DISTRICTS_EN = (
    "Central Sheung_Wan Kennedy_Town Wan_Chai Causeway_Bay North_Point Quarry_Bay Shau_Kei_Wan "
    "Chai_Wan Aberdeen Pok_Fu_Lam Happy_Valley Stanley Tsim_Sha_Tsui Jordan Yau_Ma_Tei Mong_Kok "
    "Prince_Edward Sham_Shui_Po Cheung_Sha_Wan Lai_Chi_Kok Kowloon_Tong Ho_Man_Tin Hung_Hom "
    "To_Kwa_Wan Wong_Tai_Sin Diamond_Hill Ngau_Tau_Kok Kwun_Tong Lam_Tin Yau_Tong Tsuen_Wan "
    "Kwai_Chung Kwai_Tsing Tsing_Yi Sha_Tin Tai_Wai Fo_Tan Ma_On_Shan Tai_Po Fanling Sheung_Shui "
    "Yuen_Long Tin_Shui_Wai Tuen_Mun Tseung_Kwan_O Sai_Kung Tung_Chung"
)
HK_DISTRICTS_EN = tuple(name.replace("_", " ") for name in HK_DISTRICTS_EN.split())
HK_STREETS_EN = (
    "Queen's_Road_Central Queen's_Road_West Des_Voeux_Road_Central Connaught_Road_West Hollywood_Road "
    "Hennessy_Road Lockhart_Road Gloucester_Road Jaffe_Road Johnston_Road King's_Road Java_Road "
    "Electric_Road Shau_Kei_Wan_Road Aberdeen_Main_Road Pok_Fu_Lam_Road Bonham_Road Robinson_Road "
    "Caine_Road Tai_Hang_Road Leighton_Road Nathan_Road Canton_Road Austin_Road Jordan_Road "
    "Shanghai_Street Portland_Street Fa_Yuen_Street Argyle_Street Prince_Edward_Road_West "
    "Boundary_Street Lai_Chi_Kok_Road Cheung_Sha_Wan_Road Un_Chau_Street Fuk_Wa_Street Tai_Po_Road "
    "Castle_Peak_Road Waterloo_Road Chatham_Road_North Ma_Tau_Wai_Road To_Kwa_Wan_Road Choi_Hung_Road "
    "Kwun_Tong_Road Ngau_Tau_Kok_Road Hung_To_Road Hoi_Yuen_Road Sha_Tsui_Road Yeung_Uk_Road "
    "Kwai_Chung_Road Hing_Fong_Road Tai_Chung_Kiu_Road Che_Kung_Miu_Road On_Sum_Street Sai_Sha_Road "
    "Kwong_Fuk_Road Ting_Kok_Road Luen_Wo_Road San_Fung_Avenue Kau_Yuk_Road Long_Ping_Road "
    "Tin_Wing_Road Po_Lam_Road_North Tong_Ming_Street Fuk_Man_Road"
)
HK_STREETS_EN = tuple(name.replace("_", " ") for name in HK_STREETS_EN.split())
HK_WORDS = frozenset(
    {name[2:] for name in HK_DISTRICTS}
    | set("中西區 東區 南區 灣仔區 油尖旺 深水埗 九龍城 黃大仙 觀塘 葵青 離島 北區 西貢 沙田".split())
    | {name.lower() for name in HK_DISTRICTS_EN}
    | {"yau tsim mong", "kowloon city", "central and western", "islands", "kwai tsing"}
    | {"hong kong", "lok fu", "tin hau", "kai tak", "hang hau", "po lam", "kam tin", "lei yue mun"}
    | {"siu sai wan", "ap lei chau", "mui wo", "tai kok tsui", "lai chi kok", "hung shui kiu", "tai hang"}
)
"""Districts, in which surnames and syllables of names are found."""
