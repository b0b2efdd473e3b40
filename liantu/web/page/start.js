// @ts-check
/* The last script: fetch the data, show the page. */
"use strict";
(async () => {
  liantu.frame();
  try {
    const feed = liantu.facts.served ? await liantu.fetched() : await liantu.unpack();
    if (feed) liantu.load(feed);
    else liantu.draw(); // a server without data: what can be looked at without them
  } catch (error) {
    liantu.failed(error);
  }
})();
