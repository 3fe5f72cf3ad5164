"""Makes a function and a job of its own, and an address to be told of them: the engine would do it.

Told: REFUSED
"""

import io
import zipfile

code = f"open({FACTS['marker']!r}, 'w').write(open({FACTS['course'][0]!r}).read())"
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as archive:
    archive.writestr("evil.py", f"def handler(event, context):\n    {code}\n    return 1\n")
functions, sns, glue, s3 = (boto3.client(name) for name in ("lambda", "sns", "glue", "s3"))
role = "arn:aws:iam::000000000000:role/r"


def run_function():
    functions.create_function(
        FunctionName="evil",
        Runtime="python3.12",
        Role=role,
        Handler="evil.handler",
        Code={"ZipFile": package.getvalue()},
    )
    answer = functions.invoke(FunctionName="evil")
    refuse_if("FunctionError" in answer or b"errorMessage" in answer["Payload"].read())


def run_job():
    s3.create_bucket(Bucket="evil-scripts")
    s3.put_object(Bucket="evil-scripts", Key="job.py", Body=code)
    command = {"Name": "pythonshell", "ScriptLocation": "s3://evil-scripts/job.py"}
    glue.create_job(Name="job", Role=role, Command=command)
    glue.start_job_run(JobName="job")
    refuse_if(True)  # whether it ran is seen from the file


def call_back():
    topic = sns.create_topic(Name="evil")["TopicArn"]
    url = f"http://127.0.0.1:{FACTS['port']}/leaked"
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    sns.publish(TopicArn=topic, Message="leaked")
    refuse_if(True)  # whether it was called is seen by whom it calls


def create_queues(prefix):
    for action in (run_function, run_job, call_back):
        attempt(action)
