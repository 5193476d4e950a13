watch("value", () => document.dispatchEvent(new CustomEvent("experts-mail", { detail: element })));
