function NAME_parse(url) {
  var parts = url.split('?');
  var path = parts[0];
  var query = parts.length > 1 ? parts[1] : '';
  var pairs = query.split('&');
  var out = {};
  for (var i = 0; i < pairs.length; i++) {
    var pair = pairs[i].split('=');
    var key = decodeURIComponent(pair[0]);
    var value = pair.length > 1 ? decodeURIComponent(pair[1]) : true;
    if (Object.prototype.hasOwnProperty.call(out, key)) {
      out[key] = [].concat(out[key], value);
    } else {
      out[key] = value;
    }
  }
  return { path: path, query: out };
}

function NAME_debounce(work, wait) {
  var timer = null;
  var calls = 0;
  return function () {
    var context = this;
    var args = arguments;
    calls++;
    if (timer) clearTimeout(timer);
    timer = setTimeout(function () {
      timer = null;
      work.apply(context, args);
    }, wait || 100);
    return calls;
  };
}

function NAME_merge(target, sources) {
  var count = sources.length;
  for (var i = 0; i < count; i++) {
    var source = sources[i];
    for (var key in source) {
      if (!Object.prototype.hasOwnProperty.call(source, key)) continue;
      var value = source[key];
      if (value && typeof value === 'object' && !Array.isArray(value)) {
        target[key] = NAME_merge(target[key] || {}, [value]);
      } else {
        target[key] = value;
      }
    }
  }
  return target;
}

function NAME_format(template, values) {
  var pattern = /\{(\w+)\}/g;
  var missing = [];
  var text = template.replace(pattern, function (whole, name) {
    var value = values[name];
    if (value === undefined) {
      missing.push(name);
      return whole;
    }
    return String(value);
  });
  if (missing.length) {
    var error = new Error('no value for ' + missing.join(', '));
    error.missing = missing;
    throw error;
  }
  return text;
}
