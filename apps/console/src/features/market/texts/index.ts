import { addTexts } from "../../../i18n/add-texts.ts";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

addTexts("market", { "zh-CN": zhCN, en });
