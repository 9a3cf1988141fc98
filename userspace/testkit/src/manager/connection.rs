//! A connection of an agent: what it says, and what the manager answers.

use std::{
    io::{self, Read as _},
    sync::Arc,
    time::Instant,
};

use super::{
    control::{Control, ControlContent},
    digest::md5_text,
    event::{Received, excerpt},
    intake::Intake,
    keys::{Agent, locked},
    lie::Lie,
    link::Link,
    open::Opener,
    reply::{ACK, VERSION_TOO_HIGH, push},
    shared::Shared,
    version::Version,
};

/// Why a connection ends before the agent ends it.
#[derive(Debug)]
enum End {
    /// The agent did what it must not.
    Violation(String),
    /// It is not let in.
    Refused(String),
    /// For no reason that is to be told.
    Quiet,
}

/// An agent that goes away while it is written to has done nothing wrong.
impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Quiet
    }
}

/// Serves a connection to its end.
pub(super) fn serve(shared: &Shared, link: &Arc<Link>) {
    let mut connection = Connection::new(shared, link);
    let end = connection.run();
    connection.check_keepalive();
    let who = connection.who();
    connection.tell_faults();
    if let Some(agent) = &connection.agent {
        agent.disconnected();
    }
    match end {
        Err(End::Violation(what)) => shared.records.violation(format!("{who}: {what}")),
        Err(End::Refused(what)) => locked(&shared.records.refusals).push(format!("{who}: {what}")),
        Err(End::Quiet) | Ok(()) => {}
    }
}

struct Connection<'a> {
    shared: &'a Shared,
    link: &'a Arc<Link>,
    opener: Option<Opener>,
    agent: Option<Arc<Agent>>,
    /// As its startup said, once that is acknowledged.
    version: Option<String>,
    is_shut_down: bool,
    /// When a keepalive (or the startup) came last.
    heard: Instant,
    stalls: u64,
    faults: Vec<String>,
}

impl<'a> Connection<'a> {
    fn new(shared: &'a Shared, link: &'a Arc<Link>) -> Self {
        Self {
            shared,
            link,
            opener: Some(Opener::new()),
            agent: None,
            version: None,
            is_shut_down: false,
            heard: Instant::now(),
            stalls: shared.stalls(),
            faults: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), End> {
        let mut intake = Intake::new();
        let mut stream = self.link.stream();
        loop {
            self.wait()?;
            if !intake.fill(&mut stream.by_ref())? {
                return Ok(());
            }
            self.link.heard();
            while let Some(frame) = intake.next().map_err(End::Violation)? {
                self.wait()?;
                self.frame(frame)?;
                self.tell_faults();
            }
        }
    }

    /// As long as the manager stalls.
    fn wait(&self) -> Result<(), End> {
        self.shared.wait(|| self.link.is_closed());
        if self.link.is_closed() || self.shared.is_stopped() { Err(End::Quiet) } else { Ok(()) }
    }

    fn who(&self) -> String {
        match &self.agent {
            Some(agent) => agent.key.id.clone(),
            None => self.link.peer.to_string(),
        }
    }

    fn tell_faults(&mut self) {
        if !self.faults.is_empty() {
            let who = self.who();
            for fault in self.faults.drain(..) {
                self.shared.records.violation(format!("{who}: {fault}"));
            }
        }
    }

    fn frame(&mut self, frame: &mut [u8]) -> Result<(), End> {
        if frame == b"#ping" {
            let ping = Control { agent_id: String::new(), content: ControlContent::Ping };
            locked(&self.shared.records.controls).push(ping);
            return Ok(self.link.send_raw(b"\x05\0\0\0#pong")?);
        }
        let (agent, ciphertext) = self.address(frame)?;
        // Taken out while the message that it holds is looked at.
        let mut opener = self.opener.take().unwrap_or_else(Opener::new);
        let done = self.message(&agent, &mut opener, ciphertext);
        self.opener = Some(opener);
        done
    }

    fn message(&mut self, agent: &Arc<Agent>, opener: &mut Opener, ciphertext: &mut [u8]) -> Result<(), End> {
        let (count, message) = opener.open(&agent.cipher, ciphertext).map_err(End::Violation)?;
        if self.agent.is_none() {
            self.shared.claim(self.link, agent).map_err(End::Violation)?;
            self.agent = Some(Arc::clone(agent));
            agent.connected();
        }
        // Only now: an earlier connection has been read to its end.
        agent.take(self.shared.node, count).map_err(End::Violation)?;
        if self.is_shut_down {
            self.faults.push(format!("a message after the shutdown: {}", excerpt(message)));
        }
        if let Some(control) = message.strip_prefix(b"#!-") {
            return self.control(agent, control);
        }
        self.event(agent, message);
        Ok(())
    }

    /// Whose frame it is, and its ciphertext.
    fn address<'f>(&mut self, frame: &'f mut [u8]) -> Result<(Arc<Agent>, &'f mut [u8]), End> {
        let (id, skip) = match frame.strip_prefix(b"!") {
            Some(rest) => {
                let id: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).collect();
                let is_ended = rest.get(id.len()) == Some(&b'!');
                if !is_ended || id.len() < 3 {
                    return Err(End::Violation(format!("a frame without a whole id: {}", excerpt(frame))));
                }
                (Some(id.iter().copied().map(char::from).collect::<String>()), id.len() + 2)
            }
            None => (None, 0),
        };
        let agent = self.agent_of(id.as_deref())?;
        if self.agent.as_ref().is_some_and(|known| known.key.id != agent.key.id) {
            return Err(End::Violation(format!("the id {} on this agent's connection", agent.key.id)));
        }
        if id.is_some() != agent.key.names_its_id() {
            let address = &agent.key.address;
            return Err(End::Violation(format!(
                "an id is in frames if the key's address is no single one; it is {address}"
            )));
        }
        match frame.get_mut(skip..) {
            Some([b'#', b'A', b'E', b'S', b':', ciphertext @ ..]) => Ok((agent, ciphertext)),
            other => {
                let beginning = excerpt(other.unwrap_or_default().get(..16).unwrap_or_default());
                Err(End::Violation(format!("a frame without #AES: where it should be: {beginning}")))
            }
        }
    }

    fn agent_of(&self, id: Option<&str>) -> Result<Arc<Agent>, End> {
        if let Some(agent) = &self.agent
            && id.is_none_or(|id| id == agent.key.id)
        {
            if agent.is_removed() {
                return Err(End::Refused("the agent has been removed".to_owned()));
            }
            return Ok(Arc::clone(agent));
        }
        let keys = &self.shared.options.keys;
        let Some(id) = id else {
            let address = self.link.peer.ip().to_string();
            let agent = keys.find(|key| key.address == address);
            return agent.ok_or_else(|| End::Refused(format!("no agent has the address {address}")));
        };
        keys.agent(id).ok_or_else(|| End::Refused(format!("no agent has the id {id}")))
    }

    fn event(&mut self, agent: &Agent, message: &[u8]) {
        if self.version.is_none() {
            self.faults.push(format!("an event before the startup was acknowledged: {}", excerpt(message)));
        }
        if let Some(received) = Received::parse(&agent.key.id, message, &mut self.faults) {
            self.shared.records.event(received);
        }
    }

    fn control(&mut self, agent: &Agent, text: &[u8]) -> Result<(), End> {
        let Some(content) = ControlContent::parse(text, &mut self.faults) else { return Ok(()) };
        let control = Control { agent_id: agent.key.id.clone(), content: content.clone() };
        locked(&self.shared.records.controls).push(control);
        if let ControlContent::Startup { version } = &content {
            return self.startup(agent, version);
        }
        if self.version.is_none() {
            self.faults
                .push(format!("a control message before the startup was acknowledged: {}", excerpt(text)));
        }
        match content {
            ControlContent::Keepalive(keepalive) => {
                if self.version.as_ref().is_some_and(|version| *version != keepalive.version) {
                    self.faults.push("a keepalive of another version than the startup's".to_owned());
                }
                self.check_keepalive();
                self.heard = Instant::now();
                self.acknowledge(agent)?;
                self.push_file(agent, keepalive.merged_sum.as_deref())
            }
            ControlContent::Shutdown => {
                self.is_shut_down = true;
                Ok(())
            }
            ControlContent::Startup { .. } | ControlContent::Response { .. } | ControlContent::Ping => Ok(()),
        }
    }

    fn startup(&mut self, agent: &Agent, version: &str) -> Result<(), End> {
        let Some(number) = Version::parse(version) else {
            self.faults.push(format!("a startup of no version: {version}"));
            return Ok(());
        };
        if self.shared.options.max_version.is_some_and(|max| number > max) {
            locked(&self.shared.records.refusals).push(format!("{}: the version {version}", agent.key.id));
            return Ok(self.link.send(agent, VERSION_TOO_HIGH)?);
        }
        self.heard = Instant::now();
        if self.shared.lie().is_none_or(Lie::acknowledges) {
            // Before: whoever has the answer may have something to say to the agent.
            self.version = Some(version.to_owned());
            self.link.start();
        }
        self.acknowledge(agent)
    }

    /// Or lies.
    fn acknowledge(&mut self, agent: &Agent) -> Result<(), End> {
        // Before: whoever has the answer may ask for the violations.
        self.tell_faults();
        let lie = self.shared.lie();
        self.link.trickle(lie == Some(Lie::Trickle));
        match lie {
            None => self.link.send(agent, ACK)?,
            Some(lie) => {
                self.link.send_raw(&lie.bytes(agent)?)?;
                if lie.ends() {
                    return Err(End::Quiet);
                }
            }
        }
        Ok(())
    }

    /// If the agent has another one.
    fn push_file(&self, agent: &Agent, has: Option<&str>) -> Result<(), End> {
        let file = locked(&self.shared.file).clone();
        match file {
            Some(file) if has != Some(md5_text(&file).as_str()) => {
                Ok(self.link.send_all(agent, &push(&file))?)
            }
            _ => Ok(()),
        }
    }

    /// Is the last one too long ago? Not after a stall, in which they were not read.
    fn check_keepalive(&mut self) {
        let stalls = self.shared.stalls();
        let limit = self.shared.options.keepalive_limit;
        let elapsed = self.heard.elapsed();
        if self.version.is_some() && elapsed > limit && stalls == self.stalls && !self.is_shut_down {
            self.faults.push(format!("no keepalive for {elapsed:.1?}, the limit is {limit:.1?}"));
        }
        self.stalls = stalls;
    }
}
