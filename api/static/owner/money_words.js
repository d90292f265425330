// The words of the organisation's money, in both languages.

import "../shared/money_words.js";
import { addWords } from "../shared/language.js";

addWords({
  en: {
    moneyTitle: "Earnings", byLine: "This month by line", owedTitle: "Owed to you", payouts: "Payouts", payoutItems: "For what", bills: "Receipts",
    disputesTitle: "Disputes", termsTitle: "How you are paid", earned: "Earned", earned_cost: "Cost of the stays", earned_platform: "Commission",
    earned_property: "To who runs the place", earned_tax: "Tax", earned_changed: "Disputes and credits", chartOf: "Earnings over time, {amount} in all",
    noEarned: "Nothing was earned in this time.", nothingOwed: "Nothing is owed to you now.", noPayouts: "Nothing was paid out yet.", noBills: "No receipts yet.",
    owed_owner: "As lessor", owed_property: "As who runs the place", owed_sending: "On its way to you", owed_validations: "Your validations",
    item_SHARE: "share", item_DISPUTE: "dispute", item_CORRECTION: "correction", nextPayout: "Paid next: {at}",
    terms_schedule: "How often", terms_day: "Weekday 1–7, or day 1–28", terms_delayDays: "Days after settlement", terms_minimumMinor: "Minimum, in minor units (cents)",
    terms_rail: "Through (wallet, stripe)", terms_reference: "Account there", terms_timeZone: "Time zone", saveTerms: "Save", noTerms: "An OPERATOR of your organisation sets this.", DAILY: "every day", WEEKLY: "every week",
    MONTHLY: "every month", credited: "Given back", giveBack: "Give back", creditAmount: "How much ({currency})", creditReason: "Reason (on the credit note)",
    toWallet: "Wallet", csvEarnings: "Earnings as CSV", csvSettlements: "Settlements as CSV", csvStatement: "Statement as CSV",
  },
  zh: {
    moneyTitle: "收入", byLine: "本月按计费项", owedTitle: "应付给您", payouts: "付款记录", payoutItems: "明细", bills: "收据",
    disputesTitle: "争议", termsTitle: "收款方式", earned: "收入", earned_cost: "停车费用", earned_platform: "佣金",
    earned_property: "停车场分成", earned_tax: "税", earned_changed: "争议与退款", chartOf: "收入走势，共 {amount}",
    noEarned: "此期间没有收入。", nothingOwed: "目前没有应付给您的款项。", noPayouts: "尚未付款。", noBills: "尚无收据。",
    owed_owner: "作为出租方", owed_property: "作为停车场运营方", owed_sending: "付款途中", owed_validations: "您的商户抵扣",
    item_SHARE: "分成", item_DISPUTE: "争议", item_CORRECTION: "更正", nextPayout: "下次付款：{at}",
    terms_schedule: "频率", terms_day: "星期 1–7 或日期 1–28", terms_delayDays: "结算后天数", terms_minimumMinor: "最低金额（最小货币单位）",
    terms_rail: "渠道（wallet、stripe）", terms_reference: "收款账户", terms_timeZone: "时区", saveTerms: "保存", noTerms: "由贵组织的 OPERATOR 设置。", DAILY: "每天", WEEKLY: "每周",
    MONTHLY: "每月", credited: "已退回", giveBack: "退款", creditAmount: "金额（{currency}）", creditReason: "原因（写在退款凭证上）",
    toWallet: "钱包", csvEarnings: "下载收入 CSV", csvSettlements: "下载结算 CSV", csvStatement: "下载对账单 CSV",
  },
});
