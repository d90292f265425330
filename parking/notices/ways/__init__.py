"""Ways of single channels: embedded, e-mail, SMS by Twilio, WeChat, webhooks."""
