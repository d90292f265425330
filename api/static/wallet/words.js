// The words of the wallet's page, in both languages.

import "../shared/money_words.js";
import { addWords } from "../shared/language.js";

addWords({
  en: {
    title: "Wallet", skip: "Skip to the balance", signInFirst: "Sign in to see your wallet.", balances: "Balance", available: "Available",
    held: "Promised already", debt: "You owe", debtNote: "It is paid from your next top-up; until then nothing can be booked.",
    emptyWallet: "There is nothing in your wallet yet.", topUp: "Top up", topUpNote: "What you owe is paid from it first.",
    fromAccount: "From", nowhere: "Nowhere (development)", accounts: "Payment accounts", walletPays: "Your wallet",
    isDefault: "pays", makeDefault: "Pay with this", remove: "Remove", accountsNote: "Cards are added where you book.",
    statement: "Statement", receipts: "Receipts", more: "More", noReceipts: "No receipts yet.", agree: "Agree at your bank",
    needsAgreement: "Your bank wants you to agree to this payment.", toppedUp: "Done.", disagree: "I do not agree", disputeAmount: "How much should come back ({currency})", disputes: "Disputes", bookingNumber: "Booking {number}",
  },
  zh: {
    title: "钱包", skip: "跳到余额", signInFirst: "登录后可查看您的钱包。", balances: "余额", available: "可用",
    held: "已占用", debt: "您尚欠", debtNote: "将从下一次充值中扣除；付清之前无法预订。",
    emptyWallet: "您的钱包中还没有余额。", topUp: "充值", topUpNote: "欠款将优先从中扣除。",
    fromAccount: "来源", nowhere: "无（开发模式）", accounts: "支付账户", walletPays: "您的钱包",
    isDefault: "默认", makeDefault: "用此支付", remove: "移除", accountsNote: "请在预订应用中添加银行卡。",
    statement: "对账单", receipts: "收据", more: "更多", noReceipts: "尚无收据。", agree: "前往银行确认",
    needsAgreement: "您的银行要求确认此笔付款。", toppedUp: "已完成。", disagree: "我有异议", disputeAmount: "应退金额（{currency}）", disputes: "争议", bookingNumber: "预订 {number}",
  },
});
