"""Places of Hong Kong, of which addresses are made: districts, streets and estates, in both languages."""

from __future__ import annotations

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
)
"""Districts, in which surnames and syllables of names are found."""
