import type { PaperName } from "./papers.ts";

/** 一张表：写什么、勾什么、填什么、多久办好。 */
interface Paper {
  readonly title: string;
  readonly fact: string;
  readonly ask: string;
  readonly choices: readonly string[];
  readonly lines: readonly string[];
  readonly promise: string;
}

export interface PaperTexts {
  readonly lead: string;
  readonly others: string;
  readonly all: string;
  readonly next: string;
  readonly lines: readonly string[];
  readonly desk: string;
  readonly paper: Readonly<Record<PaperName, Paper>>;
}

export const zhCN: PaperTexts = {
  lead: "不用手机也一样办。打印（大字）、填好、签名，交到服务台；也可以请家人代为打印。",
  others: "同意书、选票和投诉表由服务台打印：同意书要连同全文告知书一起给您，选票每户一张。",
  all: "其他表格",
  next: "填好后交到服务台，请当场要回执。",
  lines: ["姓名或化名", "房号", "签名", "日期"],
  desk: "服务台填写：收到时间、经办人、回执编号",
  paper: {
    withdrawal: {
      title: "撤回同意",
      fact: "一个人办，当场生效",
      ask: "我撤回以前的同意。撤回以后，门照样开，方式和时间都不变。",
      choices: ["人脸开门", "留的联系方式", "商业信息", "把我的信息提供给别人", "以上全部"],
      lines: ["其他同意（写名称）"],
      promise: "服务台当场办理，给您一份签名的回执；凭这项同意保存的东西同时删除。",
    },
    deletion: {
      title: "查看、更正、删除我的信息",
      fact: "要一份副本、改一处错、要求删除",
      ask: "我要求：",
      choices: ["给我一份我的全部信息（纸质）", "更正下面写的内容", "删除下面写的信息", "删除我的全部信息"],
      lines: ["哪一项、怎样改"],
      promise: "服务台当场登记并给您编号；办好或不能办，都会书面告诉您理由和可以找谁。",
    },
    keys: {
      title: "卡和密码",
      fact: "挂失、补卡、要密码",
      ask: "我要求：",
      choices: [
        "挂失我的卡，马上停用",
        "补一张卡（第一张免费）",
        "要一个开门密码",
        "换一个开门密码",
        "停用丢了的手机",
      ],
      lines: ["卡号末四位（知道的话）"],
      promise: "挂失当场生效，联网的门两秒内就不认这张卡；其他开门方式照常。",
    },
  },
};
