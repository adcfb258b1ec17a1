/** 门口屏的文字：站在门前的人两秒内要看懂。 */
export const zhCN = {
  title: "门神 · 门口屏",
  door: "门",
  camera: "此摄像头只用来读取通行码；画面不保存、不外传，离开镜头即消失。",
  noSound: "轻触屏幕一次，打开提示音。",
  ready: {
    show: "请出示通行码",
    how: "把手机上的通行码对准摄像头，二十到四十厘米远。",
    card: "或者刷卡：把卡平放在读卡器上。",
    seen: "已看到通行码，正在核对",
    view: "摄像头看到的画面",
  },
  challenge: {
    title: "手机时间不准？用这个。",
    how: "用手机里的住户程序扫这个码，或输入这八个字符；再把手机上的应答码对准摄像头。",
    label: "本门的询问码",
  },
  starting: { title: "正在打开摄像头", how: "浏览器询问时，请允许使用摄像头。" },
  noCamera: {
    missing: { title: "没有找到摄像头", how: "请接好摄像头，接好后会自动启用。" },
    refused: { title: "摄像头未获允许", how: "请在浏览器设置中允许此页面使用摄像头，然后重新打开此页。" },
    busy: { title: "摄像头被占用", how: "请关闭正在使用它的其他程序，随后会自动启用。" },
    instead: "现在可以刷卡，或用接在本屏上的扫码枪。",
    field: "通行码的文字",
    send: "核对",
  },
  standingOpen: { title: "门开着，请进", how: "此门现在常开，不需要出示任何凭证。" },
  outOfService: { title: "此门现在不收通行码", how: "请刷卡、走别的门，或联系值班室。" },
  connecting: { title: "正在连接控制器", how: "请稍候。" },
  lost: {
    title: "连不上控制器",
    how: "通行码现在无法核对。读卡器或许仍能刷卡；进不去时，请走别的门或联系值班室。",
    since: "自 {{time}} 起。屏幕会自动重新连接。",
  },
  notKnown: {
    title: "控制器不认识这块屏幕",
    how: "地址中的令牌不对。请维护人员按控制器的配置重新打开此页。",
  },
  notSetUp: { title: "这块屏幕还没有设置好", how: "请维护人员用带令牌的完整地址打开此页。" },
  granted: { title: "请进", how: "门已打开。" },
  refused: { title: "没有开门", unexplained: "控制器没有说明原因。" },
  unheard: { title: "没有核对成", how: "控制器没有回答。", next: "请把通行码移开，再对准一次。" },
  tooMany: {
    title: "请稍等",
    how: "短时间内出示的码太多了。",
    next: "请把通行码移开，稍等片刻，再对准一次。",
  },
  next: {
    later: "请届时再来，或请邀请您的住户帮忙。",
    "other-way": "请刷卡、走别的门，或联系值班室。",
    ask: "请询问邀请您的住户，或联系值班室。",
  },
  call: {
    press: "呼叫值班员",
    again: "再次呼叫",
    waiting: "正在呼叫",
    idle: "需要帮助？按一下叫值班员，此屏不能通话。",
    offline: "控制器连不上，此屏现在不能呼叫。",
    sending: "呼叫还没有送到值班室。请稍候；若着急，请打电话或走别的门。",
    arrived: "值班室正在响铃，还没有人接手。",
    heard: "值班员已知道您在这里，请稍候。",
    unanswered: "没有人应答。请再次呼叫，或打电话给值班室。",
    unheard: "没有叫成：控制器没有回答。请再试一次。",
    "too-many": "刚刚叫过几次了，请等一分钟再叫。",
  },
  language: "English",
};

/** What every language says. */
export type Texts = typeof zhCN;
