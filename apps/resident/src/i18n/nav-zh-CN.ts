import type { Tab } from "../layout/tabs.ts";

const tab: Readonly<Record<Tab, string>> = {
  home: "开门",
  keys: "钥匙",
  rights: "权利",
  community: "社区",
  help: "帮助",
};

/** 一个常见问题和它的回答。 */
export interface Question {
  readonly question: string;
  readonly answers: readonly string[];
  readonly href?: string;
  readonly link?: string;
}

const questions: readonly Question[] = [
  {
    question: "门没开怎么办？",
    answers: [
      "门口的屏幕或灯会说原因；“我的出入”里也会写明这一次为什么没开。",
      "换一种方式试试：卡、手机通行码、密码，哪一种都算数。通行码不认时，先看手机时间准不准，再试“扫门上的码”。",
      "还不行就按门口的呼叫键找值班员。出门永远不靠系统：按出门按钮就能出去。",
    ],
    href: "#/trail",
    link: "看这一次的原因",
  },
  {
    question: "手机丢了怎么办？",
    answers: [
      "在另一台设备上用恢复码或通行密钥登录，在“手机通行码”里停用丢了的那一部，再在“我的密钥”里换一把密钥。",
      "没有别的设备：到服务台说一声，当场停用；用服务台的公用屏幕和恢复码就能看到自己的记录。",
    ],
    href: "#/pass",
    link: "停用一部手机",
  },
  {
    question: "卡丢了怎么办？",
    answers: ["在“我的钥匙”里点“丢了”，这张卡马上开不了门。然后到服务台领新卡。手机通行码和密码照常能用。"],
    href: "#/keys",
    link: "去我的钥匙",
  },
  {
    question: "没有网络能开门吗？",
    answers: [
      "能。通行码由手机自己算出来，控制器自己判断，两边都不需要网络。",
      "没有网络时，看不到新的出入记录，也不能投票、撤回；有网络时再办。",
    ],
  },
  {
    question: "没有智能手机，或者不想用怎么办？",
    answers: [
      "门一样开：卡免费，有的门还可以用密码。登记、同意、撤回、投票、投诉、删除，都可以在服务台用纸办，字可以印大。",
      "想看自己的出入和谁看过自己的信息：用服务台的公用屏幕和纸上的恢复码，看完自动退出，不留痕迹。",
    ],
  },
  {
    question: "谁能看到我的出入？",
    answers: [
      "只有您。依法开启须经三方中任意两方（业主委员会、物业公司、主管部门）同意，事后会告诉您。",
      "工作人员每看一次您的姓名或住处，都要写明原因，记在“谁看过我的信息”里。",
    ],
    href: "#/looks",
    link: "谁看过我的信息",
  },
  {
    question: "我不想再让系统存我的信息",
    answers: [
      "同意可以一项一项撤回，当场生效，门照常开。",
      "要求删除在“我的信息”里；搬走后，您的信息会自动删除，并给您回执。",
    ],
    href: "#/data",
    link: "去我的信息",
  },
];

/** 导航、各部分首页和帮助。 */
export const navZhCN = {
  nav: {
    label: "主要部分",
    tab,
    titleOf: { keys: "我的钥匙", rights: "我的权利", community: "我的社区", help: "帮助" },
    mine: "我的开门方式",
    waysFact: "卡、手机、密码",
    passFact: "用这部手机的码开门",
    receiptsFact: "服务台交给我的，签收或否认",
    papers: "纸质表格",
    papersFact: "大字打印，交到服务台",
    more: "更多方式",
    know: "知道",
    decide: "决定",
    trailFact: "几点、哪道门，只有我能打开",
    looksFact: "工作人员看过什么、为什么",
    keyFact: "恢复码、换密钥、通行密钥",
    together: "一起决定",
    open: "公开给所有人",
    logFact: "谁都能核对，谁也改不了",
  },
  shared: {
    title: "公用屏幕",
    lead: "在这里看您的出入记录、谁看过您的信息，撤回同意、投票、投诉。这块屏幕什么也不存：两分钟没人碰就自动退出。",
    enter: "这是大家共用的屏幕",
    left: "公用屏幕 · {{time}} 后自动退出",
    soon: "半分钟后自动退出。碰一下屏幕就继续。",
    end: "看完了，退出",
    code: "这块屏幕不保存您的密钥：请现在打印或抄下恢复码，带回家放好。退出以后，只有这张纸能打开您的记录。",
  },
  ways: {
    none: "还没有开门方式",
    noneHelp: "到服务台领卡，免费。",
    since: "{{when}} 登记",
    until: "到 {{when}}",
    state: {
      ordered: "已申请",
      personalised: "等您来领",
      active: "能开门",
      blocked: "已停用",
      lost: "已挂失",
      returned: "已交回",
      replaced: "已换新",
      destroyed: "已销毁",
    },
    lose: "丢了",
    loseConfirm: "挂失这张卡",
    loseHelp: "这张卡马上开不了任何门。找到了，带到服务台恢复；其他开门方式照常。",
    foundHelp: "找到了？带到服务台，看过卡就恢复。",
    watch: "有人再用它就提醒服务台",
    watchHelp:
      "断网的门可能还不知道这张卡已挂失。您的手机把自己的一条通行记录告诉系统，系统就认得出这张卡以后的使用；本期里哪些记录是这张卡的，系统也就知道了。系统不记下是谁说的。",
    watchConfirm: "告诉系统",
    watched: "好了。有人再用这张卡，服务台会看到。",
    pin: {
      first: "要一个密码",
      firstHelp: "密码由系统抽取，八位数字，只显示这一次，哪里都不存。临街的门须先刷卡或出示手机再输密码。",
      another: "换一个密码",
      anotherHelp: "新密码只显示这一次；旧密码马上不能用。",
      confirm: "现在显示新密码",
      shown: "您的密码（只显示这一次，请记下）：",
      duress: "被人胁迫时输入下面这个：门一样开，同时通知值班员。",
      hide: "记住了，收起",
    },
  },
  passkeys: {
    title: "通行密钥",
    lead: "用指纹、面容或锁屏密码在另一部手机上取回一切，不用抄 54 个字符。解锁在手机里完成，指纹和面容不会发给任何人；服务器存的只是它打不开的密封件。恢复码照样有效。",
    add: "添加通行密钥",
    none: "这个浏览器没有通行密钥，恢复码照常能用。",
    ofDay: "添加于",
    used: "上次使用：{{when}}",
    unused: "还没用过",
    remove: "删除",
    signInTitle: "有通行密钥？",
    signInLead: "用指纹、面容或锁屏密码登录，不用输恢复码。",
    signIn: "用通行密钥登录",
  },
  help: {
    lead: "{{community}}的门禁怎么用、出了问题找谁。都可以在服务台当面问，免费。",
    questions,
    without: "不用手机",
    more: "这台设备",
    deviceFact: "存了什么、怎样清除",
    codeFact: "换手机时靠它取回记录",
    print: "打印这一页",
  },
};
