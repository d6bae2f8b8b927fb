import type { ProblemSentences } from '../../problem-translation.ts';

/** What to do about a problem. */
export const PROBLEM_REMEDIES: ProblemSentences = {
  'Keep the place that the answer has, such as count: totalPages.':
    'Fique com o lugar que a resposta tem, como count: totalPages.',
  'Write {page} where the number of the page stands, such as ?page={page}.':
    'Escreva {page} onde fica o número da página, como ?page={page}.',
  'Keep one of the two.': 'Fique com um dos dois.',
  'Keep one of them.': 'Fique com um deles.',
  'Did you mean "<>"?': 'Você quis dizer "<>"?',
  'Known here: <>.': 'Aqui se conhecem: <>.',
  'Known are <>.': 'São conhecidos: <>.',
  'Built in are <>.': 'Os embutidos são <>.',
  'Built in are <>; others stand under "gateways".': 'Os embutidos são <>; outros ficam em "gateways".',
  'Write one of <>.': 'Escreva um de <>.',
  'Write for example <> or <>.': 'Escreva, por exemplo, <> ou <>.',
  'Write for example <>.': 'Escreva, por exemplo, <>.',
  'Choose another value.': 'Escolha outro valor.',
  // What a key is for stands in the reference, in English.
  'Choose another value. <>': 'Escolha outro valor; docs/configuration.md traz os limites.',
  'Correct the value.': 'Corrija o valor.',
  'Add it. <>': 'Acrescente; docs/configuration.md diz o que é.',
  'Add it.': 'Acrescente.',
  'Add it, best as "${NAME}": the gateway <> needs it.':
    'Acrescente, de preferência como "${NAME}": o gateway <> precisa disso.',
  'Add it, such as http://localhost:8080: the gateway <> runs at an address of yours.':
    'Acrescente, como http://localhost:8080: o gateway <> roda em um endereço seu.',
  'Add it under "accounts".': 'Acrescente em "accounts".',
  'Add it under "notify".': 'Acrescente em "notify".',
  'Add token: "${NAME}" and set that environment variable, or name a tokenFile.':
    'Acrescente token: "${NAME}" e defina essa variável de ambiente, ou aponte um tokenFile.',
  'Add url: "${NAME}" and set that environment variable, or name a urlFile.':
    'Acrescente url: "${NAME}" e defina essa variável de ambiente, ou aponte um urlFile.',
  'Name a receiver of `notify`, or add url: "${NAME}" and set that environment variable.':
    'Aponte um destino de `notify`, ou acrescente url: "${NAME}" e defina essa variável de ambiente.',
  'Add chatId: "-100…" to a telegram receiver; remove it from others.':
    'Acrescente chatId: "-100…" a um destino telegram; tire de outros.',
  'Add from: and to: to a receiver of mail; remove them from others.':
    'Acrescente from: e to: a um destino de e-mail; tire de outros.',
  'Add "<>", or remove "<>".': 'Acrescente "<>", ou tire "<>".',
  'Add <>, or "extends" with the gateway from which it comes.':
    'Acrescente <>, ou "extends" com o gateway de onde ele vem.',
  'Add an instance, or enable one.': 'Acrescente uma instância, ou ative uma.',
  'Add ?sslmode=verify-full, unless the network between the two is trusted.':
    'Acrescente ?sslmode=verify-full, a menos que a rede entre os dois seja confiável.',
  'Put the value into quotes.': 'Coloque o valor entre aspas.',
  'Put the whole value into quotes, and write each quote in it as "".':
    'Coloque o valor inteiro entre aspas, e escreva cada aspa dele como "".',
  'Write a number, without quotes.': 'Escreva um número, sem aspas.',
  'Write a whole number, without quotes.': 'Escreva um número inteiro, sem aspas.',
  'Write true or false, without quotes.': 'Escreva true ou false, sem aspas.',
  'Write "key: value" lines below it.': 'Escreva linhas "chave: valor" abaixo.',
  'Write "- item" lines below it, or [first, second].': 'Escreva linhas "- item" abaixo, ou [primeiro, segundo].',
  'Write a single value.': 'Escreva um valor só.',
  'Set it to <>.': 'Defina como <>.',
  'Set it, or write $${ for a literal ${.': 'Defina-a, ou escreva $${ para um ${ literal.',
  'Set <>, or write $${ for a literal ${.': 'Defina <>, ou escreva $${ para um ${ literal.',
  'Set <>, or write ${NAME:-} with its name if it may be empty.':
    'Defina <>, ou escreva ${NAME:-} com o nome dela se puder ficar vazia.',
  'Write $${ for a literal ${.': 'Escreva $${ para um ${ literal.',
  'Give it a value, or remove the key.': 'Dê um valor, ou tire a chave.',
  'Write whole numbers with the units d, h, m, s, ms, largest first, such as 90s or 1h30m.':
    'Escreva números inteiros com as unidades d, h, m, s, ms, a maior primeiro, como 90s ou 1h30m.',
  'Write an IANA name such as UTC or America/Sao_Paulo.': 'Escreva um nome IANA, como UTC ou America/Sao_Paulo.',
  'Use 1 to 63 letters, digits, ".", "_" or "-".': 'Use de 1 a 63 letras, números, ".", "_" ou "-".',
  'Give the instance a "name" of 1 to 63 letters, digits, ".", "_" or "-".':
    'Dê à instância um "name" de 1 a 63 letras, números, ".", "_" ou "-".',
  'Give one of them another "name".': 'Dê a uma delas outro "name".',
  'Rename one of them.': 'Mude o nome de um deles.',
  'Remove or rename one of them.': 'Tire um deles, ou mude o nome.',
  'Correct the name, or remove it.': 'Corrija o nome, ou tire.',
  'Begin with a letter or "_"; digits may follow; at most 63 characters.':
    'Comece com uma letra ou "_"; números podem seguir; no máximo 63 caracteres.',
  'Begin with a letter; letters, digits and "_" may follow.':
    'Comece com uma letra; letras, números e "_" podem seguir.',
  'Write it as the gateway shows it, such as "5511987654321".':
    'Escreva como o gateway mostra, por exemplo "5511987654321".',
  'Make the column text, and fill in all digits again, in quotes: those that are missing here are lost.':
    'Formate a coluna como texto, e preencha todos os dígitos de novo, entre aspas: os que faltam aqui se perderam.',
  'Make the column text, and fill in the number itself.': 'Formate a coluna como texto, e preencha o próprio número.',
  'Write the digits alone.': 'Escreva só os dígitos.',
  'Type it again instead of pasting it.': 'Digite de novo em vez de colar.',
  'Remove the blank.': 'Tire o espaço.',
  'Remove the apostrophe.': 'Tire o apóstrofo.',
  'Copy the token again, without quotes or line breaks around it.':
    'Copie o token de novo, sem aspas nem quebras de linha em volta.',
  'Copy the value again, without quotes or line breaks around it.':
    'Copie o valor de novo, sem aspas nem quebras de linha em volta.',
  'Copy it again.': 'Copie de novo.',
  'Make one with: openssl rand -hex 24.': 'Gere um com: openssl rand -hex 24.',
  'Give each purpose a token of its own.': 'Dê a cada finalidade um token próprio.',
  'Set api.readToken or api.readTokenFile, or listen on the loopback address only, such as 127.0.0.1:9847.':
    'Defina api.readToken ou api.readTokenFile, ou escute só no endereço de loopback, como 127.0.0.1:9847.',
  'Write "${NAME}".': 'Escreva "${NAME}".',
  'Write "${NAME}" and set that environment variable.': 'Escreva "${NAME}" e defina essa variável de ambiente.',
  'Write "${NAME}" and set that environment variable to what the receiver gave you, https://host/path.':
    'Escreva "${NAME}" e defina essa variável de ambiente com o que o destino deu a você, https://host/caminho.',
  'Write "${NAME}", or { file: path }; quote numbers.': 'Escreva "${NAME}", ou { file: caminho }; números entre aspas.',
  'Write whsec_ and the base64 of 24 to 64 random bytes, such as from: openssl rand -base64 32.':
    'Escreva whsec_ e o base64 de 24 a 64 bytes aleatórios, por exemplo de: openssl rand -base64 32.',
  'Write ops@example.org or Watchdog <ops@example.org>.': 'Escreva ops@example.org ou Watchdog <ops@example.org>.',
  'Write hours and minutes, in quotes, such as "22:00".': 'Escreva horas e minutos, entre aspas, como "22:00".',
  'Write the number of the chat, such as "-1001234567890", or "@channel".':
    'Escreva o número do chat, como "-1001234567890", ou "@canal".',
  'Mail needs smtp:// or smtps://, every other format http:// or https://.':
    'E-mail precisa de smtp:// ou smtps://, todos os outros formatos de http:// ou https://.',
  'Remove them, or choose a format for people.': 'Tire-os, ou escolha um formato para pessoas.',
  'Close every {{ with }}, and every {{#name}} with {{/name}}.':
    'Feche cada {{ com }}, e cada {{#nome}} com {{/nome}}.',
  'Write {{name}}, {{#name}}…{{/name}} or {{^name}}…{{/name}}.':
    'Escreva {{nome}}, {{#nome}}…{{/nome}} ou {{^nome}}…{{/nome}}.',
  'Did you mean {{<>}}?': 'Você quis dizer {{<>}}?',
  'Write it as https://host/path.': 'Escreva como https://host/caminho.',
  'Write it like https://api.smileapi.com.br; the token has a key of its own.':
    'Escreva como https://api.smileapi.com.br; o token tem uma chave própria.',
  'Write it like https://gateway.example.org.': 'Escreva como https://gateway.example.org.',
  'Write a name such as watchdog.example.org, without scheme and port.':
    'Escreva um nome como watchdog.example.org, sem esquema e porta.',
  'Write all, account, or label:KEY.': 'Escreva all, account ou label:CHAVE.',
  'Write for example 40% (0% to 100%) or 3.': 'Escreva, por exemplo, 40% (de 0% a 100%) ou 3.',
  'Write five or six fields, such as "*/30 * * * * *" (every 30 seconds) or "0 3 * * 1-5".':
    'Escreva cinco ou seis campos, como "*/30 * * * * *" (a cada 30 segundos) ou "0 3 * * 1-5".',
  'Name days that exist.': 'Use dias que existem.',
  'Use "every" with a duration for such a step.': 'Para um passo assim, use "every" com uma duração.',
  'Use L or a number.': 'Use L ou um número.',
  'Begin it with "/", such as /v1/health, without a query; or write null.':
    'Comece com "/", como /v1/health, sem consulta; ou escreva null.',
  'Begin it with "/", such as "/instances/{id}/status".': 'Comece com "/", como "/instances/{id}/status".',
  'Join keys by dots, such as data.connection.': 'Junte as chaves com pontos, como data.connection.',
  'Join keys by dots, such as data.connection; $status is the HTTP status.':
    'Junte as chaves com pontos, como data.connection; $status é o status HTTP.',
  'Name at least one place, such as { status: open }.': 'Dê pelo menos um lugar, como { status: open }.',
  'Write {id}, {token} or another {name}.': 'Escreva {id}, {token} ou outro {nome}.',
  'Write the word as the gateway does; case, "-", "_" and blanks do not count.':
    'Escreva a palavra como o gateway; maiúsculas, "-", "_" e espaços não contam.',
  'Write a verdict or one of <>.': 'Escreva um veredito ou um de <>.',
  'Write it beside `values`.': 'Escreva ao lado de `values`.',
  'Write user and password into the URL of `proxy`.': 'Escreva usuário e senha na URL de `proxy`.',
  'The host comes from baseUrl.': 'O servidor vem de baseUrl.',
  'Remove it: it is part of how a request is sent, which is not yours to set.':
    'Tire: faz parte de como a requisição é enviada, o que não se define aqui.',
  'Use letters, digits and "-", such as CF-Access-Client-Id.': 'Use letras, números e "-", como CF-Access-Client-Id.',
  'Remove it, unless what stands in front of the gateway adds the token itself.':
    'Tire, a menos que o que está na frente do gateway acrescente o token por si.',
  'Remove it, or describe the gateway under "gateways".': 'Tire, ou descreva o gateway em "gateways".',
  'Remove it, or describe the list of the gateway under "gateways".':
    'Tire, ou descreva a lista do gateway em "gateways".',
  'Name them under "instances", or describe the list of the gateway under "gateways".':
    'Dê o nome delas em "instances", ou descreva a lista do gateway em "gateways".',
  'Choose another name, and write "extends: <>" below it.': 'Escolha outro nome, e escreva "extends: <>" abaixo.',
  'Extend one that stands on its own.': 'Estenda um que exista por si.',
  'Put it before the one that is for all words, or for the same ones.':
    'Coloque antes daquele que vale para todas as palavras, ou para as mesmas.',
  'Write a number from 100 to 599, or a list of them, without quotes.':
    'Escreva um número de 100 a 599, ou uma lista deles, sem aspas.',
  'Write another time, or remove quiet.': 'Escreva outro horário, ou remova quiet.',
  'Write the topic behind the address of the server, such as https://ntfy.example.org/my-topic.':
    'Escreva o tópico depois do endereço do servidor, como https://ntfy.example.org/my-topic.',
  'Use a call that keeps the session.': 'Use uma chamada que mantém a sessão.',
  'Run "probe" against yours, and see with dryRun: true what would be restarted, before you rely on it.':
    'Rode "probe" com o seu, e veja com dryRun: true o que seria reiniciado, antes de confiar nele.',
  'Correct the path; it is relative to the folder of this file.':
    'Corrija o caminho; ele é relativo à pasta deste arquivo.',
  'Correct the path, or remove it.': 'Corrija o caminho, ou tire.',
  'Correct the pattern, or add the files that belong there.': 'Corrija o padrão, ou acrescente os arquivos que faltam.',
  'Name a file; a relative path counts from the folder of this file.':
    'Aponte um arquivo; um caminho relativo conta a partir da pasta deste arquivo.',
  'Name another file with -c, or start from a copy of config.example.yaml.':
    'Aponte outro arquivo com -c, ou comece de uma cópia de config.example.yaml.',
  'Let the user of the watchdog read it, or correct the pattern.':
    'Deixe o usuário do watchdog ler, ou corrija o padrão.',
  'Write the token into the file, and nothing else.': 'Escreva no arquivo o token, e nada mais.',
  'Write the URL into the file, and nothing else.': 'Escreva no arquivo a URL, e nada mais.',
  'Write the key into the file, and nothing else.': 'Escreva no arquivo a chave, e nada mais.',
  'Run chmod 600 on the file, or 640 with the group of the watchdog.':
    'Rode chmod 600 no arquivo, ou 640 com o grupo do watchdog.',
  'Name a PEM file; it contains "-----BEGIN CERTIFICATE-----" lines.':
    'Aponte um arquivo PEM; ele contém linhas "-----BEGIN CERTIFICATE-----".',
  'Name a PEM file; it contains a "-----BEGIN PRIVATE KEY-----" line.':
    'Aponte um arquivo PEM; ele contém uma linha "-----BEGIN PRIVATE KEY-----".',
  'Decrypt it with openssl pkey -in … -out …, and let only this user read the result.':
    'Descriptografe com openssl pkey -in … -out …, e deixe só este usuário ler o resultado.',
  'Put a new certificate and its key into the files; they are read again by themselves.':
    'Coloque um certificado novo e sua chave nos arquivos; eles são lidos de novo automaticamente.',
  'Name the key that the certificate was made with; it stands first in its file.':
    'Aponte a chave com que o certificado foi feito; ele vem primeiro no arquivo dele.',
  'Write "accounts:" and "instances:" with what belongs below them.':
    'Escreva "accounts:" e "instances:" com o que fica abaixo deles.',
  'Save it as UTF-8, without anything that is not text.': 'Salve como UTF-8, sem nada que não seja texto.',
  'Correct the YAML; strings with special characters need quotes.':
    'Corrija o YAML; textos com caracteres especiais precisam de aspas.',
  'Keep one document, and name further files in "include".':
    'Fique com um documento, e aponte outros arquivos em "include".',
  'Indent with blanks.': 'Recue com espaços.',
  'Write each backslash twice, or use single quotes.': 'Escreva cada barra invertida duas vezes, ou use aspas simples.',
  'Write &<> at a value further up, or quote the text that begins with "*".':
    'Escreva &<> em um valor mais acima, ou coloque entre aspas o texto que começa com "*".',
  'Write the key as text, or remove it.': 'Escreva a chave como texto, ou tire.',
  'Remove one; the first is on line <>.': 'Tire uma; a primeira está na linha <>.',
  'Name mappings here, such as *base or [*base, *more].': 'Use mapas aqui, como *base ou [*base, *more].',
  'Write postgres://user:password@host:5432/database?sslmode=verify-full, with "@", ":", "/", "?", "#" and "%" in the password percent-encoded.':
    'Escreva postgres://user:password@host:5432/database?sslmode=verify-full, com "@", ":", "/", "?", "#" e "%" da senha codificados com %.',
  'Close it; write a quote within quotes as "".': 'Feche; escreva uma aspa dentro de aspas como "".',
  'Correct the line.': 'Corrija a linha.',
  'Write one value for each column; put a value that contains a comma into quotes.':
    'Escreva um valor por coluna; coloque entre aspas um valor que contém vírgula.',
  'Begin it with a line such as phoneNumberId,name,account.': 'Comece com uma linha como phoneNumberId,name,account.',
  'Begin the file with a line such as phoneNumberId,name,account.':
    'Comece o arquivo com uma linha como phoneNumberId,name,account.',
  'Rename the column <>, if it holds that.': 'Mude o nome da coluna <>, se for ela.',
  'Known are <>; any other column is a label of at most 63 letters, digits and "_".':
    'São conhecidas <>; qualquer outra coluna é uma etiqueta de no máximo 63 letras, números e "_".',
  'Shorten timeout or lengthen every.': 'Encurte timeout ou alongue every.',
  'Shorten timeout or probe less often: an instance has at most one probe at a time.':
    'Encurte timeout ou verifique menos vezes: uma instância tem no máximo uma verificação por vez.',
  'Lower quorum, or name more targets.': 'Reduza quorum, ou dê mais targets.',
  'Set failures to at most probes. Where both are equal, only failures in a row count.':
    'Defina failures no máximo como probes. Onde os dois são iguais, só contam falhas seguidas.',
  'Lengthen grace: no probe can find the instance healthy before it ends.':
    'Alongue grace: nenhuma verificação pode encontrar a instância saudável antes que ele acabe.',
  'Set max to at least cooldown: backoff lengthens the cooldown up to max.':
    'Defina max pelo menos como cooldown: backoff alonga o intervalo até max.',
  'Lengthen budget.per, lower budget.restarts, or shorten cooldown or backoff.':
    'Alongue budget.per, reduza budget.restarts, ou encurte cooldown ou backoff.',
  'Name one minute, such as "0 8-20 * * 1-6", or leave during out: then all time counts.':
    'Dê um minuto, como "0 8-20 * * 1-6", ou deixe during de fora: então todo o tempo conta.',
  'Leave each instance to one account, by discover.match and discover.ignore where it is found: both restart it, each with a budget of its own.':
    'Deixe cada instância para uma só conta, com discover.match e discover.ignore onde ela é encontrada: as duas a reiniciam, cada uma com um orçamento próprio.',
  'Leave echo out, or describe send under "gateways".': 'Tire echo, ou descreva send em "gateways".',
  'Lengthen activity.echo.every, or leave it to some of the instances.':
    'Alongue activity.echo.every, ou deixe-o para algumas das instâncias.',
  'Write the name of another instance of this account into activity.echo.to.':
    'Escreva em activity.echo.to o nome de outra instância desta conta.',
  'Write the phone number of an instance of this account into activity.echo.to, in digits.':
    'Escreva em activity.echo.to o número de telefone de uma instância desta conta, em dígitos.',
  'Write {token} or another {name} there, and the value into `values` of the account.':
    'Escreva ali {token} ou outro {nome}, e o valor em `values` da conta.',
  'Write texts, numbers, lists and mappings.': 'Escreva textos, números, listas e mapas.',
  'Write the word as the gateway does, in quotes if it is a number.':
    'Escreva a palavra como o gateway, entre aspas se for um número.',
  'Write a text, a number, true, false, null, "~part" or "*".':
    'Escreva um texto, um número, true, false, null, "~parte" ou "*".',
  'Separate columns by commas, not by <>.': 'Separe as colunas com vírgulas, e não com <>.',
  'Write every in place of cron, or remove bulk.': 'Escreva every no lugar de cron, ou remova bulk.',
  'Add silentAfter, such as 6h: an echo that is missing finds silence sooner.':
    'Acrescente silentAfter, como 6h: um eco que falta encontra o silêncio mais cedo.',
  'Keep the word under one of the two.': 'Mantenha a palavra em um dos dois.',
  'Only the list has {page}, and only send has {to} and {text}: choose another name for a value of the account.':
    'Só a lista tem {page}, e só send tem {to} e {text}: escolha outro nome para um valor da conta.',
  'All calls of a remedy are one restart: choose a shorter time.':
    'Todas as chamadas de um remédio são um só reinício: escolha um tempo mais curto.',
  'Each one is a message on WhatsApp: choose a longer time, such as 30m.':
    'Cada um é uma mensagem no WhatsApp: escolha um tempo mais longo, como 30m.',
  'Write self, the name of another instance of its account, or the number of one in digits.':
    'Escreva self, o nome de outra instância da conta, ou o número de uma em dígitos.',
  'Lengthen silentAfter, to hours rather than minutes: silence is noticed by probes.':
    'Alongue silentAfter, para horas em vez de minutos: o silêncio é notado pelas verificações.',
  'Probes will be late: raise the limit, or probe less often.':
    'As verificações vão atrasar: aumente o limite, ou verifique menos vezes.',
  'Gateways mostly know a number by its digits alone, with the code of the country: write "5511987654321".':
    'Em geral os gateways conhecem um número só pelos dígitos, com o código do país: escreva "5511987654321".',
  'Write http://host:port, or unset the variable; NO_PROXY=* has it ignored.':
    'Escreva http://host:porta, ou apague a variável; NO_PROXY=* faz com que seja ignorada.',
  'Write http://host:port, http://user:${PASSWORD}@host:port, or direct.':
    'Escreva http://host:porta, http://user:${PASSWORD}@host:porta, ou direct.',
  'If that is meant, set allowShrink: true, or reload with POST /-/reload?force=true. Until then the old config stays in use.':
    'Se for de propósito, defina allowShrink: true, ou recarregue com POST /-/reload?force=true. Até lá a configuração anterior continua em uso.',
};
